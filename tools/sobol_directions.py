#!/usr/bin/env python3
"""Write suggest/sobol_directions.c from the direction numbers of Joe and Kuo.

usage: pip download --no-deps scipy && tools/sobol_directions.py scipy-*.whl > suggest/sobol_directions.c

The numbers are new-joe-kuo-6.21201 (https://web.maths.unsw.edu.au/~fkuo/sobol/), which scipy's wheel carries as
scipy/stats/_sobol_direction_numbers.npz. Needs nothing but Python's own library.
"""
import ast
import io
import struct
import sys
import zipfile

DIMENSIONS, DEGREE = 1111, 13   # all primitive polynomials up to degree 13
NUMBERS = "scipy/stats/_sobol_direction_numbers.npz"

HEADER = """\
/*
 * Direction numbers of the Sobol sequence: S. Joe and F. Y. Kuo, Constructing Sobol sequences with better two-dimensional
 * projections, SIAM J. Sci. Comput. 30 (2008), 2635-2654; file new-joe-kuo-6.21201, its first %d dimensions.
 *
 * Written by tools/sobol_directions.py; not to be edited. A row is the polynomial, its coefficients as bits from the
 * highest power to 1, and as many initial numbers as its degree.
 */
#include "suggest/sobol.h"

/* clang-format off */
const struct sobol_direction sobol_directions[SOBOL_TABLE_DIMENSIONS] = {
"""


def read_array(archive, name):
    """(shape, values in row-major order) of one little-endian int64 array in numpy's .npy format."""
    data = archive.read(name + ".npy")
    if data[:8] != b"\x93NUMPY\x01\x00":
        sys.exit(name + ": not an .npy file of version 1.0")
    end = 10 + struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10:end].decode("ascii"))
    if header["descr"] != "<i8":
        sys.exit("%s: expected <i8, got %s" % (name, header["descr"]))
    values = struct.unpack("<%dq" % ((len(data) - end) // 8), data[end:])
    shape = header["shape"]
    if header["fortran_order"] and len(shape) == 2:
        values = [values[column * shape[0] + row] for row in range(shape[0]) for column in range(shape[1])]
    return shape, values


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        archive = zipfile.ZipFile(io.BytesIO(wheel.read(NUMBERS)))
    _, polynomials = read_array(archive, "poly")
    (_, width), initial = read_array(archive, "vinit")
    sys.stdout.write(HEADER % DIMENSIONS)
    for dimension in range(DIMENSIONS):
        polynomial = polynomials[dimension]
        degree = polynomial.bit_length() - 1
        if degree > DEGREE:
            sys.exit("dimension %d: degree %d" % (dimension + 1, degree))
        numbers = initial[dimension * width : dimension * width + max(degree, 1)]
        print("    { %d, { %s } }," % (polynomial, ", ".join(map(str, numbers))))
    print("};")


if __name__ == "__main__":
    main()
