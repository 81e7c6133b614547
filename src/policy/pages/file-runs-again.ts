import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fileRunsAgain: RulePage = {
  example: {
    situation:
      'A branch ran on this database as 20250103. Then the main branch got 20250104, so `atlas migrate rebase` gave the file of the branch a newer version.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': ['20250101_plans.sql', '20250104_teams.sql', '20250105_seed.sql'],
    },
    texts: { '20250105_seed.sql': '20250103_seed.sql' },
    table: { ran: [['20250101_plans.sql', '20250103_seed.sql']] },
    message: [
      '[file-runs-again] AtlasMigration shop/shop: 20250105_seed.sql is what ran as 20250103: it would run again; fix: give it its old name back, 20250103_seed.sql, and rehash',
      '- [file-runs-again] AtlasMigration shop/shop: 20250105_seed.sql is what ran as 20250103: it would run again; expected: every text once, under the version under which it ran; fix: give it its old name back, 20250103_seed.sql, and rehash',
      '- [file-runs-again] Never keep both: a text that is in the directory twice runs twice',
      '- [file-runs-again] 20250104_teams.sql did not run here, and runs then',
      '- [file-runs-again] Or, if other databases ran it as 20250105, and once every other file up to it ran here: delete the row 20250103 of the revisions table, then run "atlas migrate set 20250105"',
    ],
  },
  steps: [
    'Give the file the version back under which it ran. Number files that did not run here above it. Run `atlas migrate hash`.',
    'After a squash, put the old files back and delete the file that joins them. To spare new databases the old files, add a checkpoint beside them: `atlas migrate checkpoint`.',
    'After a split, put the old file back as it ran, and take its statements out of the new file.',
    'Keep one of both. A text that is in the directory under two versions runs twice.',
    'If other databases know the new version already, make this one know it, too: delete the row of the old version from the revisions table, and run `atlas migrate set` with the new one. It marks every file up to that version as done, so first see that the others have run.',
  ],
  milder: [
    'The old file is still there. Then the text may be meant to run twice. A single file counts only if it also has the description of the other, and nothing that it names was dropped or emptied since.',
    'A part of a file that is still there as it ran. Delete the new file, or leave it if the part is to run again on purpose.',
    'The hash of the row does not prove which text ran.',
  ],
  notes: [
    'A part of a text counts only with an INSERT, a CREATE or an ALTER that adds or renames, in one applied file alone, and without IF NOT EXISTS, OR REPLACE or ON CONFLICT.',
    'The text that ran is known from the directory before the write, or from the dir-state. Without both it is proven by the hash of the row, which covers the bytes of its file.',
    'A file that was given another version and also edited is not found when neither is known: no hash tells what it was.',
    'Statements that leave nothing behind, such as SET and ANALYZE, do not count.',
  ],
}
