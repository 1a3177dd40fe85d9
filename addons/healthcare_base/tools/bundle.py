"""Are the built frontend files there? They are not in the repository."""

from pathlib import Path

from odoo.modules import Manifest

BUILD_COMMAND = "npm run build"


def missing_bundles(module_names):
    """Return the names of our addons whose built files are missing, sorted.

    An addon has built files when its manifest takes assets from its own ``static/src``.

    :param module_names: installed modules
    """
    missing = []
    for name in sorted(module_names):
        manifest = Manifest.for_addon(name) if name.startswith("healthcare_") else None
        if not manifest:
            continue
        patterns = {
            path
            for paths in manifest["assets"].values()
            for path in paths
            if isinstance(path, str) and path.startswith(f"{name}/static/src/")
        }
        source = Path(manifest.path, "static", "src")
        if patterns and not any(path.is_file() for path in source.rglob("*")):
            missing.append(name)
    return missing
