from . import test_engine_checks
