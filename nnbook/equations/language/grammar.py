r"""The grammar of the book's LaTeX, as Lark reads it (LALR, no ambiguity).

Scripts are read neutrally: what a superscript means depends on the symbol, and that is the binder's business.
So is the question whether ``f (x)`` is a product or an application.
"""

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho "
    "sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
).split()
FUNCTIONS = "exp log ln tanh sinh cosh sin cos max min".split()

SPACES = "nonumber notag middle quad qquad displaystyle textstyle limits thinspace medspace thickspace".split()
WORD = "|".join(  # a name of several letters; in \\text only where it is applied, or has scripts
    (
        r"\\(operatorname\*?|mathrm)\s*\{\s*[A-Za-z]+\s*\}",
        r"\\mathrm\s+[A-Za-z](?![A-Za-z])",
        r"\\(text|textrm|mathit|mathsf)\s*\{\s*[A-Za-z]+\s*\}(?=\s*(\\left|\\[bB]igg?l?)?\s*[(_^'\[])",
        r"\\(text|mbox)\s*\{\s*[A-Za-z]+\s*\}(?=\s*&?\s*=|\s*\}\s*\{\s*\\partial)",  # a quantity: the text of cost = …
    )
)
OVER = r"\{[^{}$]*(\{[^{}$]*\})?[^{}$]*\}"  # what stands over an equals sign

GRAMMAR = r"""
statement: TEXT* item (seps item)* seps? PERIOD?
seps: (COMMA | SEMICOLON | TEXT)+
?item: claim | dots
dots: DOTS
?claim: relation
      | relation IFF relation -> equivalence
relation: expr (sign expr)*
!sign: EQUALS | COMPARES | NOTEQUAL

expr: (PLUS | MINUS)? entry ((PLUS | MINUS) entry)*
entry: product (ODOT product)*
product: chain
       | chain big -> product
       | chain CDOT big -> product
       | big
chain: first
     | chain factor
     | chain CDOT first
     | chain SLASH factor
?first: factor | bars
bars: BAR expr BAR script* -> abs
    | NORMBAR expr NORMBAR script* -> norm
big: BIG bigsub bigsup? product
   | BIG bigsup bigsub product -> big_reversed
   | BIG product -> big_bare
bigsub: "_" (LETTER | ELL)
      | "_" "{" (LETTER | ELL) "}"
      | "_" "{" (LETTER | ELL) ("," (LETTER | ELL))+ "}"
      | "_" "{" (LETTER | ELL) EQUALS expr "}"
      | "_" "{" (LETTER | ELL) IN expr "}"
      | "_" "{" (LETTER | ELL) NOTEQUAL expr "}"
bigsup: "^" scriptarg

factor: atom script*
script: "_" scriptarg -> sub
      | "^" scriptarg -> sup
      | PRIME -> prime
      | PRIMECOMMAND -> prime
scriptarg: DIGIT | LETTER | ELL | GREEK | TOP | PRIMECOMMAND | FUNCTION | TEXT | word | styled
         | "{" expr ("," expr)* "}"
         | "{" TEXT "}"
?atom: NUMBER -> number
     | LETTER -> name
     | ELL -> name
     | GREEK -> name
     | FUNCTION -> name
     | TOP -> top
     | PARTIAL -> partial
     | NABLA -> nabla
     | word
     | styled
     | "(" relation (("," | ";") relation)* ")" -> paren
     | "[" relation (("," | ";") relation)* "]" -> bracket
     | LCURLY relation ("," relation)* RCURLY -> bracket
     | BEGINMATRIX entries (NEWROW entries)* NEWROW? ENDMATRIX -> matrix
     | "{" expr "}" -> brace
     | LBAR expr RBAR -> abs_fenced
     | LNORM expr RNORM -> norm_fenced
     | LFLOOR expr RFLOOR -> floor_fenced
     | FRAC fracarg fracarg -> frac
     | SQRT fracarg -> sqrt
     | BEGINCASES row (NEWROW row)* NEWROW? ENDCASES -> cases
entries: cell (AMPERSAND cell)*
?cell: expr | dots
row: expr COMMA? AMPERSAND condition COMMA?
condition: relation TEXT?
         | TEXT relation
         | TEXT
fracarg: DIGIT | LETTER | ELL | GREEK | "{" expr "}"
word: WORD
styled: STYLE plain | STYLE "{" plain "}" | STYLE "{" accented "}" | accented
accented: ACCENT plain | ACCENT "{" plain "}" | ACCENT "{" STYLE plain "}" | ACCENT "{" STYLE "{" plain "}" "}"
!plain: LETTER | ELL | GREEK | DIGIT

NUMBER: /\d+(\.\d+)?/
DIGIT.2: /\d/
LETTER: /[A-Za-z]/
GREEK: /\\(@greek@)(?![A-Za-z])/
FUNCTION: /\\(@functions@)(?![A-Za-z])/
WORD.3: /@word@/
TEXT: /\\(text|textrm|textit|mbox)\s*\{[^{}\\$]*\}/
STYLE: /\\(mathbf|boldsymbol|bm|pmb|vec|mathcal|mathscr|mathbb|mathsf|mathit)(?![A-Za-z])/
ACCENT: /\\(hat|tilde|bar|overline|widehat|widetilde)(?![A-Za-z])/
ELL: /\\ell(?![A-Za-z])/
BIG.2: /\\(sum|prod)(?![A-Za-z])|\\(max|min)(?=\s*_)/
TOP: /\\(top|intercal)(?![A-Za-z])/
PARTIAL: /\\partial(?![A-Za-z])/
NABLA: /\\nabla(?![A-Za-z])/
FRAC: /\\[tdc]?frac(?![A-Za-z])/
SQRT: /\\sqrt(?![A-Za-z])/
BEGINCASES: /\\begin\s*\{cases\}/
ENDCASES: /\\end\s*\{cases\}/
NEWROW: /\\\\/
BEGINMATRIX: /\\begin\s*\{[pbvBV]?matrix\}/
ENDMATRIX: /\\end\s*\{[pbvBV]?matrix\}/
LCURLY: /\\\{/
RCURLY: /\\\}/
AMPERSAND: "&"
LBAR: /\u2985|\\lvert(?![A-Za-z])|\\left\s*\||\\[bB]igg?l\s*\|/
RBAR: /\u2986|\\rvert(?![A-Za-z])|\\right\s*\||\\[bB]igg?r\s*\|/
LNORM: /\u27e6 |\\lVert(?![A-Za-z])|\\left\s*\\\||\\[bB]igg?l\s*\\\|/
RNORM: /\u27e7 |\\rVert(?![A-Za-z])|\\right\s*\\\||\\[bB]igg?r\s*\\\|/
LFLOOR: /\\lfloor(?![A-Za-z])/
RFLOOR: /\\rfloor(?![A-Za-z])/
BAR: "|"
NORMBAR: /\\\||\|\|/
PRIME: "'"
PRIMECOMMAND: /\\prime(?![A-Za-z])/
PLUS: "+"
MINUS: "-"
CDOT: /\\(cdot|times)(?![A-Za-z])/
ODOT.2: /\\(odot|bigodot|circ|ast|bullet|otimes)(?![A-Za-z])|(\\cdot\s*|\.\s*)?\*/
SLASH: "/"
EQUALS: /=|:=|\\(equiv|coloneqq|triangleq|doteq)(?![A-Za-z])|\\(stackrel|overset)\s*@over@\s*\{\s*=\s*\}/
IN: /\\in(?![A-Za-z])/
COMPARES: /\\(approx|leq?|geq?|leqslant|geqslant)(?![A-Za-z])|<|>|\\(lt|gt)(?![A-Za-z])/
NOTEQUAL: /\\(neq|ne)(?![A-Za-z])|\\not\s*=/
IFF: /\\(iff|Leftrightarrow|Longleftrightarrow)(?![A-Za-z])/
DOTS: /\\(dots|ldots|cdots|vdots|ddots|dotsc|dotsb)(?![A-Za-z])/
COMMA: ","
SEMICOLON: ";"
PERIOD: "."

SPACE: /\s+|~|\{\s*\}|\\[,;:! >]|\\(hspace|vspace|mspace)\*?\s*\{[^{}]*\}|\\(@spaces@)(?![A-Za-z])/
SIZE: /\\([bB]igg?[lrm]?|left|right)(?=\s*(\\[{}]|\\lvert|\\rvert|\\lVert|\\rVert|\\lfloor|\\rfloor|[()\[\]\/]))/
%ignore SPACE
%ignore SIZE
""".replace("@greek@", "|".join(sorted(GREEK, key=len, reverse=True))).replace("@functions@", "|".join(FUNCTIONS))
GRAMMAR = GRAMMAR.replace("@spaces@", "|".join(SPACES)).replace("@word@", WORD).replace("@over@", OVER)
