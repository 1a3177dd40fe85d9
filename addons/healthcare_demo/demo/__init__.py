from . import approvals, master, scenario
