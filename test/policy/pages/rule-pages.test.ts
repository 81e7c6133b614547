import t from 'tap'
import { rulePages } from '../../../src/policy/pages/rule-pages.js'
import { denialMessage } from '../../../src/policy/message.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { warningLine } from '../../../src/policy/warning.js'
import { judgeExample } from './example-write.js'

for (const [id, { example }] of rulePages)
  void t.test(`the example of ${id} is what a user would see`, async t => {
    const judged = (await judgeExample(example)).filter(({ rule }) => rule.id === id)
    const [found] = judged
    if (!found) return t.fail('the rule says nothing')
    const denial = denialMessage(judged, defaultSettings)
    t.equal(example.message.join('\n'), denial || warningLine(found))
    t.equal(found.action, found.rule.severity, 'an example of the default severity')
    return undefined
  })
