"""Data sets of the book: made here, or read from files that are checked first.

`digits_4x3`, `one_three_two` and `applicants` are computed; `digits`, `diabetes` and `short_reviews` come with the
package; `mnist`, `admissions`, `reviews` and `imdb` need files. They are looked for first in the folder named by the
variable NNBOOK_DATA, which has a folder for each data set; `mnist` and `imdb` can be downloaded. A file that cannot be
obtained, or is not what it should be, raises a `DataError`.
"""

from ._applicants import admission_probability, applicants
from ._digits_4x3 import digits_4x3
from ._errors import DataError
from ._idx import read_idx
from ._images import Images, digits, mnist, scale_pixels
from ._one_three_two import one_three_two
from ._split import stratified_split
from ._tables import Admissions, Diabetes, admissions, diabetes
from ._text import Reviews, WordNumbers, imdb, reviews, short_reviews

__all__ = [
    "Admissions",
    "DataError",
    "Diabetes",
    "Images",
    "Reviews",
    "WordNumbers",
    "admission_probability",
    "admissions",
    "applicants",
    "diabetes",
    "digits",
    "digits_4x3",
    "imdb",
    "mnist",
    "one_three_two",
    "read_idx",
    "reviews",
    "scale_pixels",
    "short_reviews",
    "stratified_split",
]
