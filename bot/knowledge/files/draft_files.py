"""Writes a draft as files of content: an article and its intent, both or neither, and over nothing."""

from pathlib import Path

from bot.domain.drafts.draft import ArticleDraft
from bot.knowledge.files.rendering import article_name, article_text, intent_name, intent_text
from bot.knowledge.files.writing import write_files


def draft_files(draft: ArticleDraft) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the name and the text of the article's file, and of the intent's."""
    article, intent = draft.article, draft.intent
    return (article_name(article), article_text(article)), (intent_name(intent), intent_text(intent))


def write_draft(draft: ArticleDraft, articles: Path, intents: Path) -> tuple[Path, Path]:
    """Write both files into their folders; return their paths. Raises `ArticleNotWritten`."""
    (name, text), (intent, asked) = draft_files(draft)
    article_path, intent_path = articles / name, intents / intent
    write_files({article_path: text, intent_path: asked})
    return article_path, intent_path
