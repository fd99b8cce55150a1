#!/bin/sh
# Packs headers, both libraries, licences and examples into build/dist/pgrad-VERSION-SYSTEM-PROCESSOR.tar.gz, which works
# wherever it is unpacked. Equal files give an equal archive.
# Usage: dist.sh VERSION     from the repository's root
set -eu
version=$1
name=pgrad-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
package=$scratch/$name

sh .packaging/install.sh "$version" '${pcfiledir}/../..' "$package"
install -d "$package/examples"
install -m 644 Tests/C/examples/* "$package/examples/"
install -m 644 .packaging/README.md CHANGELOG.md "$package/"
mv "$package"/share/doc/pgrad/* "$package/"
rm -r "$package/share"
mkdir -p build/dist
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --directory "$scratch" "$name" |
  gzip --no-name --best >"build/dist/$name.tar.gz"
echo "build/dist/$name.tar.gz"
