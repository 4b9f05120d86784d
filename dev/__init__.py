"""What stands behind bin/serve and bin/test, on the standard library alone.

Nothing is installed yet when this runs, so an older Python must be able to read this file: it looks for a newer one.
"""

import os
import shutil
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - macOS comes with 3.9
    for minor in range(14, 10, -1):
        newer = shutil.which("python3.%d" % minor)  # noqa: UP031
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606
    sys.exit("Python 3.11 or newer is needed, and this is %d.%d." % sys.version_info[:2])  # noqa: UP031
