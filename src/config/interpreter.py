import sys

sys.stdout.write("%d.%d\n%s\n%s\n" % (sys.version_info[0], sys.version_info[1], sys.prefix, sys.executable))
