from . import context, digest
