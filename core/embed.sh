#!/bin/sh
# core/embed.sh SYMBOL FILE...: write C that holds the files as bytes, for core/embed.h.
set -eu
symbol=$1
shift
echo "/* made by core/embed.sh; do not edit */"
echo '#include "core/embed.h"'
echo
number=0
for file in "$@"; do
	echo "static const unsigned char file_${number}[] = {"
	od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
	echo "0};"
	number=$((number + 1))
done
echo
echo "extern const struct embed_file ${symbol}[];"
echo "const struct embed_file ${symbol}[] = {"
number=0
for file in "$@"; do
	echo "	{\"${file##*/}\", file_$number, sizeof(file_$number) - 1},"
	number=$((number + 1))
done
echo "	{NULL, NULL, 0},"
echo "};"
