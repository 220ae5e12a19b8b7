"""Decorators that compile kernels; fast exponential and logarithm in single precision; prefetching.

Range reduction by powers of two and the minimax polynomials of Cephes (Moshier 1989, expf and logf): relative error
below 3e-7 within the range; arguments are clamped outside it. NumPy's own functions cost five times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from sim.base.cache import cached

Real = float | np.float32  # a number in either precision
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Decorator: compile with numba, cached on disk and without the global lock, for calls from Python and kernels."""
    return cached(**{"nogil": True, "no_cfunc_wrapper": True} | options)


def unmanaged(**options: Any) -> Callable[[Function], Function]:
    """Decorator: compile as `compiled` does but without numba's runtime, so the function may not allocate memory.

    The runtime counts references to every array at every use, which costs more than the arithmetic.
    """
    return compiled(_nrt=False, **options)


def inner(**options: Any) -> Callable[[Function], Function]:
    """Decorator: compile as `unmanaged` does, for functions that are inlined into kernels and never called from Python.

    A table counts as hundreds of arguments. Passing them costs more than most functions' work, and compiling a wrapper
    for calls from Python would take long.
    """
    return unmanaged(no_cpython_wrapper=True, forceinline=True, **options)


f4 = np.float32
_LOG2E, _LN2_HIGH, _LN2_LOW = f4(1.44269504), f4(0.693359375), f4(-2.12194440e-4)
_E0, _E1, _E2, _E3, _E4, _E5 = (
    f4(1.9875691500e-4), f4(1.3981999507e-3), f4(8.3334519073e-3), f4(4.1665795894e-2), f4(1.6666665459e-1),
    f4(5.0000001201e-1),
)  # fmt: skip
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8 = (
    f4(7.0376836292e-2), f4(-1.1514610310e-1), f4(1.1676998740e-1), f4(-1.2420140846e-1), f4(1.4249322787e-1),
    f4(-1.6668057665e-1), f4(2.0000714765e-1), f4(-2.4999993993e-1), f4(3.3333331174e-1),
)  # fmt: skip
_HALF, _ONE, _ROOT, _LOWEST, _HIGHEST = f4(0.5), f4(1.0), f4(0.70710678), f4(-87.0), f4(88.0)
_TINY = f4(1e-30)


@unmanaged()
def exp4(x: Real) -> np.float32:
    """e^x in single precision; x is clamped to [-87, 88]."""
    x = min(max(np.float32(x), _LOWEST), _HIGHEST)
    k = np.floor(x * _LOG2E + _HALF)
    r = x - k * _LN2_HIGH - k * _LN2_LOW
    p = ((((_E0 * r + _E1) * r + _E2) * r + _E3) * r + _E4) * r + _E5
    p = p * r * r + r + _ONE
    power: np.float32 = np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32)
    result: np.float32 = p * power
    return result


@unmanaged()
def log4(x: Real) -> np.float32:
    """Natural logarithm of max(x, 1e-30) in single precision."""
    bits = np.float32(max(np.float32(x), _TINY)).view(np.int32)
    k = np.float32((bits >> np.int32(23)) - np.int32(126))
    m = np.int32((bits & np.int32(0x007FFFFF)) | np.int32(0x3F000000)).view(np.float32)  # in [0.5, 1)
    if m < _ROOT:
        k -= _ONE
        m += m
    m -= _ONE
    p = (((((((_L0 * m + _L1) * m + _L2) * m + _L3) * m + _L4) * m + _L5) * m + _L6) * m + _L7) * m + _L8
    z = m * m
    return m + (m * z * p + k * _LN2_LOW - _HALF * z) + k * _LN2_HIGH


code, numba_arrays = cast(Any, cgutils), cast(Any, arrayobj)  # numba has no types


def _prefetch(typing: Any, array: Any, row: Any) -> Any:
    """Numba intrinsic: load a row of an array into the cache ahead of its use; it has no other effect.

    The wait for memory then overlaps with other work.
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        header = numba_arrays.make_array(signature.args[0])(context, builder, arguments[0])
        step = builder.extract_value(header.strides, 0)
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        place = builder.gep(builder.bitcast(header.data, byte), [builder.mul(step, arguments[1])])
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = code.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [place, word(0), word(3), word(1)])  # to read, into the nearest cache, as data
        return context.get_dummy_value()

    return types.void(array, types.intp), build


prefetch = cast(Callable[[Any, Any], None], cast(Any, intrinsic)(_prefetch))
