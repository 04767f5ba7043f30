"""The presets that ship become the organisation's own rows."""

from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import EarmarkingPreset
from app.domain.earmarking import PRESETS
from app.funding.presets import ship_presets
from tests.funding.steps import agreement, put


def test_every_preset_is_shipped_once(database: Database) -> None:
    counts = []
    for _ in range(2):
        with database.write("tests") as session:
            counts.append(ship_presets(session))
    assert counts == [len(PRESETS), 0]
    with database.read() as session:
        rows = {row.code: row for row in session.scalars(select(EarmarkingPreset))}
    assert {code: (row.modality, row.aid_type, row.category) for code, row in rows.items()} == {
        preset.preset: (preset.modality, preset.aid_type, preset.category) for preset in PRESETS
    }


def test_a_shipped_row_classifies_as_what_ships_does(store: Database) -> None:
    _, before = put(store, agreement(preset="vertical-fund"))
    with store.write("tests") as session:
        ship_presets(session)
    _, after = put(store, agreement(reference="NLD-2", preset="vertical-fund"))
    assert (before.modality, before.aid_type, before.corporate_wording) == (
        after.modality,
        after.aid_type,
        after.corporate_wording,
    )
