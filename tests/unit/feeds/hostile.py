"""Files made to break a reader, and what reading one comes to."""

import io
import json
from pathlib import Path

from feeds.errors import UnusableFile
from feeds.files.sources import from_stream
from feeds.parsing import FeedReader

CORPUS = Path(__file__).parent / "corpus"


def kept():
    """Return the outcomes of each file of the corpus, as people have judged them."""
    return json.loads((CORPUS / "outcomes.json").read_text())


def refused():
    """Return the names of the files that nothing can be taken from."""
    return [name for name, said in kept().items() if all(isinstance(one, str) for one in said)]


def outcomes(data, name):
    """Return the numbers of rows and of rejected rows of each file in ``data``, or the refusal."""
    try:
        return [_outcome(source) for source in from_stream(io.BytesIO(data), name)]
    except UnusableFile as error:
        return [str(error)]


def _outcome(source):
    try:
        with source.open() as stream:
            batches = [*FeedReader(stream, name=source.name).batches()]
    except UnusableFile as error:
        return str(error)
    return [sum(batch.rows for batch in batches), sum(batch.refused for batch in batches)]
