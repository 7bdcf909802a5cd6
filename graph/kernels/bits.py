"""Two things compiled code needs and Python has no word for: bits as they are, and memory asked for early."""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: How many links ahead a partner's numbers are asked for: random reading is what a sweep waits for.
AHEAD = 16


def _float_of(_context: Any, bits: Any) -> Any:  # noqa: ARG001
    def code(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), code


def _bits_of(_context: Any, value: Any) -> Any:  # noqa: ARG001
    def code(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), code


def _fetch(_context: Any, array: Any, row: Any, column: Any) -> Any:  # noqa: ARG001
    def code(target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        made = target.make_array(array)(target, builder, args[0])
        at = [args[1], args[2]][: array.ndim]
        place: Any = cgutils.get_item_pointer(target, builder, array, made, at)  # type: ignore[no-untyped-call]
        number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        wish: Any = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        builder.call(wish, [builder.bitcast(place, byte), number(0), number(3), number(1)])
        return target.get_dummy_value()

    return types.void(array, types.intp, types.intp), code


#: float_of(bits: uint32) → the float32 of these bits; bits_of: the other way.
float_of: Any = intrinsic(_float_of)
bits_of: Any = intrinsic(_bits_of)
#: fetch(array, row, column): have array[row, column], or array[row] of a flat one, brought near, to be
#: read soon.
fetch: Any = intrinsic(_fetch)
