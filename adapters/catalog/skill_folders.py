"""Skills: folders with a SKILL.md of YAML front matter (name, description) and instructions."""

from pathlib import Path

from threadwork.adapters.catalog.yaml_source import SIZE, TOO_LARGE, YamlSource
from threadwork.workflows.agents import Skill


def read_skills(folder: Path) -> tuple[dict[str, Skill], list[str]]:
    """The skills of a folder by name, and a line for everything that is wrong with them."""
    skills: dict[str, Skill] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*/SKILL.md")):
        skill, wrong = _read(file)
        problems += [f"{file}:{line}: {sentence}" for line, sentence in wrong]
        if skill and skill.name in skills:
            problems.append(f'{file}:2: name: another skill is called "{skill.name}" too')
        elif skill:
            skills[skill.name] = skill
    return skills, problems


def _read(file: Path) -> tuple[Skill | None, list[tuple[int, str]]]:
    try:
        with file.open("rb") as opened:
            content = opened.read(4 * SIZE + 1)  # bytes; a character has at most four
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        return None, [(1, f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}")]
    if len(text) > SIZE:
        return None, [(1, TOO_LARGE)]
    opening, _, rest = text.partition("\n")
    front, found, instructions = rest.partition("\n---")
    if opening.strip() != "---" or not found:
        return None, [(1, "must begin with name and description between two --- lines")]
    return _skill(YamlSource(front), file.parent.name, instructions.partition("\n")[2].strip())


def _skill(front: YamlSource, folder: str, instructions: str) -> tuple[Skill | None, list[tuple[int, str]]]:
    data = front.data if isinstance(front.data, dict) else {}
    problems = [(line + 1, sentence) for line, sentence in front.problems]
    name, description = data.get("name", folder), data.get("description")
    if not isinstance(name, str) or not name or any(character.isspace() for character in name):
        problems.append((front.line(("name",)) + 1, "name: must be a word"))
    if not isinstance(description, str) or not description.strip():
        problems.append((front.line(("description",)) + 1, "description: must say in a sentence what the skill is for"))
    if problems:
        return None, problems
    return Skill(name=name, description=str(description).strip(), instructions=instructions), []
