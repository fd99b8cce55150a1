"""The text around the statements of an exported C file."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgrad.export._c_source import Source
    from pgrad.export._plan import Plan

_HEADER = """\
/*
{about}
 */

#ifndef {guard}
#define {guard}

#include <stdint.h>

#define {upper}_OBSERVATION_SIZE {observation}
#define {upper}_ACTION_SIZE {action}
#define {upper}_MASK_SIZE {mask}
#define {upper}_STATE_SIZE {state}

#ifdef __cplusplus
extern "C" {{
#endif

/**
 * Choose the most probable action; of Gaussian columns the mean{clipped}.
 *
 * Allocates nothing and writes only to its arguments, so several threads may call it; it takes about {stack} bytes of
 * stack.
 *
 * @param state       {state_text}
 * @param observation {observation} finite numbers, as the policy takes them.
 * @param mask        {mask_text}
 * @param action      Receives the action, {upper}_ACTION_SIZE numbers; choices are whole numbers.
 */
void {name}_act(float *state, const float *observation, const uint8_t *mask, float *action);

#ifdef __cplusplus
}}
#endif

#endif
"""

_SOURCE = """\
/*
{about}
 *
 * ISO C99; needs the functions of math.h only.
 */

#include "{header}"

#include <math.h>
#include <stddef.h>

/* With -O2, gcc uses vector instructions in few of these loops. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__OPTIMIZE__) && \\
    !defined(__OPTIMIZE_SIZE__)
#pragma GCC optimize("O3")
#endif

{definitions}
void {name}_act(float *state, const float *observation, const uint8_t *mask, float *action)
{{
{body}
}}
"""


def header_text(name: str, plan: Plan, source: Source, about: str) -> str:
    """The header."""
    state = f"{plan.state_size} numbers that the next call continues from; set them to 0 where an episode starts."
    flags = f"{plan.mask_size} flags, 1 for each allowed choice, at least one for each column; NULL for all."
    clips = any(plan.bounds(group) is not None for group in plan.groups)
    return _HEADER.format(
        about=_comment(about),
        guard=f"PGRAD_EXPORT_{name.upper()}_H",
        name=name,
        upper=name.upper(),
        observation=plan.observation_size,
        action=plan.action_size,
        mask=plan.mask_size,
        state=plan.state_size,
        state_text=state if plan.state_size else "Not used; may be NULL.",
        mask_text=flags if plan.mask_size else "Not used; may be NULL.",
        clipped=", within their bounds" if clips else "",
        stack=4 * sum(source.sizes) + 128,
    )


def source_text(name: str, header: str, plan: Plan, source: Source, about: str) -> str:
    """The source."""
    lines = [f"float buffer{index}[{size}];" for index, size in enumerate(source.sizes)]
    unused = {"state": plan.state_size, "mask": plan.mask_size}
    lines += [f"(void){argument};" for argument, size in unused.items() if not size]
    body = "\n".join(f"  {line}" for line in lines + source.statements)
    definitions = source.definitions()
    return _SOURCE.format(about=_comment(about), header=header, definitions=definitions, name=name, body=body)


def _comment(text: str) -> str:
    return textwrap.fill(text.replace("*/", "* /"), 118, initial_indent=" * ", subsequent_indent=" * ")
