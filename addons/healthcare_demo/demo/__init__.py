from . import master, scenario
