"""The engine's sentences in the language of the reader."""


def engine_text(env, template, params):
    """Return a sentence of ``engine/texts.py``, translated and filled in.

    :param str template: one of the sentences there, where they are marked for translation: the
        engine itself knows no language
    :param dict params: the values of its places
    """
    translate = env._
    return translate(template, **params)
