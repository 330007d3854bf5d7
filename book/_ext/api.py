"""The directive ``{api} nnbook.module``: what a module offers, from its docstrings, with links to the equations.

The docstrings are plain text, full of `W[l]`, `x_` and |δ|, which reStructuredText would misread. So numpydoc splits
them into sections and entries, but their text is not parsed as markup: it is shown unchanged.
"""

import importlib
import inspect
import re
import sys
import textwrap
import warnings
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from numpydoc.docscrape import NumpyDocString
from plain import WORDS
from sphinx import addnodes
from sphinx.ext.autodoc.mock import mock
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

PACKAGE = "nnbook"
NOT_NEEDED_TO_READ = [
    "sklearn",
    "dask",
    "distributed",
]  # imported by modules of which only the docstrings are needed here
# The sections of a docstring, and the title of the fold that contains them.
SECTIONS = {
    "Parameters": "parameters",
    "Returns": "result",
    "Yields": "results",
    "Raises": "errors",
    "Attributes": "attributes",
    "Notes": "notes",
    "Examples": "examples",
}
LISTS = ("Parameters", "Returns", "Yields", "Raises", "Attributes")
INLINE = re.compile(
    r"``(?P<double>[^`]+)``|`(?P<code>[^`]+)`"
    r"|\((?P<labels>eq-[a-z0-9-]+(?:, eq-[a-z0-9-]+)*)\)|(?P<label>\beq-[a-z0-9-]+)"
)
# A letter with a superscript or a subscript, as in δ^l_j or n_{l-1}; not a name such as a_prev.
UPPER, LOWER = r"\^(\{[^}]*\}|\([^)]*\)|[\w⊤](?!\w*\())", r"_(\{[^}]*\}|\w(?!\w))"
INDEXED = re.compile(rf"(?<![A-Za-z_`])([A-Za-zΑ-ωΣ∂∇])(?=[\^_])(?:{UPPER})?(?:{LOWER}(?:{UPPER})?)?")


COMMANDS = {sign: f"\\{name}" for name, sign in WORDS.items()} | {"−": "-", "′": "'", "Σ": "\\sum"}


class DocstringError(ValueError):
    """A docstring is not in the form this book uses; the message says what is wrong."""


# --- reading docstrings and signatures ------------------------------------------------------------


def read_docstring(text):
    """The parts of a docstring: {"": [paragraph, …], "Parameters": [(name, type, [paragraph, …]), …], …}."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpydoc only warns about a section that it does not know
        try:
            read = NumpyDocString(text or "")
        except (ValueError, UserWarning) as error:
            raise DocstringError(str(error).splitlines()[0]) from error
    parts = {"": paragraphs("\n".join([*read["Summary"], "", *read["Extended Summary"]]))}
    for name in SECTIONS:
        if read[name] and name in LISTS:
            # An entry without " : " is a name among parameters, and a type everywhere else.
            parts[name] = [
                (e.name or e.type, e.type if e.name else "", paragraphs("\n".join(e.desc))) for e in read[name]
            ]
        elif read[name]:
            parts[name] = paragraphs("\n".join(read[name]))
    return parts


def paragraphs(text):
    """Return the paragraphs of a text; one that is indented or begins with >>> keeps its line breaks."""
    found = []
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        if not block.strip():
            continue
        kept = block.startswith((" ", ">>>"))
        found.append(textwrap.dedent(block) if kept else " ".join(block.split()))
    return found


def docstring(thing, name):
    """Return the docstring of an object or, for a plain constant, the comment `#: …` above it in the source."""
    if inspect.isclass(thing) or inspect.isroutine(thing) or isinstance(thing, property):
        return inspect.getdoc(thing)
    if hasattr(thing, "__wrapped__") or type(thing).__module__.startswith(PACKAGE):
        return inspect.getdoc(thing)
    last = name.rpartition(".")[2]
    for place in [name for name in sys.modules if name.startswith(PACKAGE)]:
        if vars(sys.modules[place]).get(last) is thing:
            comment = ModuleAnalyzer.for_module(place).find_attr_docs().get(("", last))
            if comment:
                return "\n".join(comment)
    return None


def signature(thing):
    """Return the parameters of a function or class as text, ["x", "*", "out=None"]; None if it has no signature."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    shown, star = [], False
    for p in parameters:
        if p.name in ("self", "cls") or (p.name.startswith("_") and p.default is not p.empty):
            continue
        if p.kind is p.KEYWORD_ONLY and not star:
            shown.append("*")
        star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        name = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "") + p.name
        shown.append(name if p.default is p.empty else f"{name}={default_text(p.default)}")
    return shown


def default_text(value):
    """Return a default value as in code: a function by its name, never with its address."""
    text = getattr(value, "__name__", None) or repr(value)
    return "..." if " at 0x" in text else text


def load(name):
    """Return the module, whether or not the optional libraries it imports are installed."""
    with mock(NOT_NEEDED_TO_READ):
        return importlib.import_module(name)


def public_names(module):
    """Return what a module offers: its `__all__`, or else the names it defines without a leading underscore."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]


def shown_name(module, name):
    """Return what a reader types: `nn.fit`, or `nn.datasets.mnist` if the package itself does not have the name."""
    package = importlib.import_module(PACKAGE)
    inside = module.__name__.removeprefix(PACKAGE + ".")
    own = name in dir(package) and getattr(package, name, None) is getattr(module, name)
    return f"nn.{name}" if own else f"nn.{inside}.{name}"


def members(thing):
    """Yield the methods and properties that a class itself documents, in order; for an object, those of its class."""
    cls = thing if inspect.isclass(thing) else type(thing)
    if not cls.__module__.startswith(PACKAGE):
        return
    for name, member in vars(cls).items():
        member = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        public = not name.startswith("_") or name == "__call__"
        if public and (inspect.isfunction(member) or isinstance(member, property)) and member.__doc__:
            yield name, member


# --- the directive --------------------------------------------------------------------------------


class Api(SphinxDirective):
    """Everything public in one module; `:leave-out:` lists names that only the package itself needs."""

    required_arguments = 1
    option_spec: ClassVar = {"leave-out": directives.unchanged}

    def run(self):
        module = load(self.arguments[0])
        self.env.note_dependency(module.__file__)
        left_out = self.options.get("leave-out", "").split()
        names = public_names(module)
        for name in left_out:
            if name not in names:
                raise self.error(f"{module.__name__} has no public name {name!r} to leave out")
        shown = []
        for name in names:
            if name not in left_out:
                shown.append(self.describe(shown_name(module, name), getattr(module, name)))
        return [*self.text_blocks(read_docstring(module.__doc__)[""]), *shown]

    def describe(self, name, thing, kind=None):
        """Return one object: its signature, its docstring and, for a class, its methods."""
        is_class = inspect.isclass(thing)
        function = inspect.isroutine(thing) or hasattr(thing, "__wrapped__")
        kind = kind or ("exception" if is_class and issubclass(thing, Exception) else None)
        kind = kind or ("class" if is_class else "function" if function else "data")
        block = addnodes.desc(domain="py", objtype=kind, desctype=kind, classes=["py", kind], no_index=True)
        head = addnodes.desc_signature("", "", ids=[name], fullname=name, **{"class": None, "module": None})
        self.set_source_info(head)
        path, _, last = name.rpartition(".")
        if kind in ("class", "exception", "property", "data"):
            head += addnodes.desc_annotation("", f"{kind} ")
        if kind not in ("method", "property"):
            head += addnodes.desc_addname("", f"{path}.")
        head += addnodes.desc_name("", last)
        parts = self.read(thing, name)
        # Objects that the package makes and readers only receive are shown without constructor arguments.
        made = is_class and "Parameters" not in parts
        parameters = signature(thing) if kind in ("class", "function", "method") and not made else None
        if parameters is not None:
            head += addnodes.desc_parameterlist(
                "", "", *(addnodes.desc_parameter("", "", nodes.Text(parameter)) for parameter in parameters)
            )
        content = addnodes.desc_content()
        content += self.text_blocks(parts[""])
        more = self.documentation(parts)
        inside = [word for section, word in SECTIONS.items() if section in parts]
        if is_class or kind == "data":
            for member, inner in members(thing):
                member_kind = "property" if isinstance(inner, property) else "method"
                more.append(self.describe(f"{name}.{member}", inner, member_kind))
                inside += ["methods"] * ("methods" not in inside)
        if more and kind not in ("method", "property"):
            title = nodes.title("", ", ".join(inside).capitalize())
            more = [nodes.admonition("", title, *more, classes=["dropdown", "api-more"])]
        content += more
        block += [head, content]
        self.env.get_domain("py").note_object(name, kind, name, location=head)
        index = addnodes.index(entries=[("single", f"{last} ({kind})", name, "", None)])
        holder = nodes.container(classes=["api"])
        holder += [index, block] if kind not in ("method", "property") else [block]
        return holder

    def read(self, thing, name):
        try:
            return read_docstring(docstring(thing, name))
        except DocstringError as error:
            raise self.error(f"{name}: {error}") from error

    def documentation(self, parts):
        """Return the nodes of a docstring's sections."""
        found = []
        for name in SECTIONS:
            if name not in parts:
                continue
            found.append(nodes.paragraph("", name, classes=["api-part"]))
            if name not in LISTS:
                found += self.text_blocks(parts[name])
                continue
            listing = nodes.definition_list(classes=["api-list"])
            for entry, kind, blocks in parts[name]:
                term = nodes.term()
                term += nodes.literal("", entry)
                if kind:
                    term += nodes.inline("", "", nodes.Text(" : "), *self.inline(kind), classes=["api-type"])
                listing += nodes.definition_list_item(
                    "", term, nodes.definition("", *(list(self.text_blocks(blocks)) or [nodes.paragraph()]))
                )
            found.append(listing)
        return found

    def text_blocks(self, blocks):
        for block in blocks:
            if block.startswith(">>>"):
                yield nodes.literal_block(block, block, language="pycon", classes=["api-code"])
            elif "\n" in block:
                yield nodes.literal_block(block, block, language="none", classes=["api-code"])
            else:
                yield nodes.paragraph("", "", *self.inline(block))

    def inline(self, text):
        """Yield the nodes of text with `code` set as code and the labels of equations turned into links."""
        position = 0
        for match in INLINE.finditer(text):
            yield from indexed(text[position : match.start()])
            position = match.end()
            code = match["double"] or match["code"]
            if code:
                yield nodes.literal("", code)
                continue
            for number, label in enumerate((match["labels"] or match["label"]).split(", ")):
                if number:
                    yield nodes.Text(", ")
                yield self.equation(label)
        yield from indexed(text[position:])

    def equation(self, label):
        link = addnodes.pending_xref(
            "", refdomain="math", reftype="eq", reftarget=label, refdoc=self.env.docname, refexplicit=False
        )
        link += nodes.literal("", label, classes=["xref", "eq"])
        self.set_source_info(link)
        return link


def indexed(text):
    """Yield the nodes of text in which a letter with indices, such as δ^l_j, is a formula."""
    position = 0
    for match in INDEXED.finditer(text):
        letter, upper, lower, upper_after = match.groups()
        upper = upper or upper_after
        if upper is None and lower is None:
            continue
        formula = latex(letter)
        for sign, inside in (("^", upper), ("_", lower)):
            if inside is not None:
                formula += f"{sign}{{{latex(inside.strip('{}()'))}}}"
        if position < match.start():
            yield nodes.Text(text[position : match.start()])
        yield nodes.math(formula, formula)
        position = match.end()
    if position < len(text):
        yield nodes.Text(text[position:])


def latex(text):
    """Return plain characters as LaTeX: `δ` is `\\delta`; raise DocstringError for a sign without a command."""
    unknown = {sign for sign in text if not sign.isascii() and sign not in COMMANDS}
    if unknown:
        raise DocstringError(f"no LaTeX command is known for {''.join(sorted(unknown))!r} in {text!r}")
    return re.sub(r"[^\x00-\x7f]", lambda match: f"{COMMANDS[match[0]]} ", text).strip()


def setup(app):
    app.add_directive("api", Api)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
