import { readableConfig, setsAttribute } from '../facts/custom-config.js'
import type { Facts } from '../facts/facts.js'
import { fact, found } from './said-cause.js'
import type { Sentence } from './said-sentences.js'

const namesDev = ({ migration: { spec } }: Facts) =>
  Boolean(spec.devURL) || Boolean(spec.devURLFrom?.secretKeyRef)

/** Whether the custom config names the dev database; null when it cannot be followed. */
const configNamesDev = (facts: Facts) => {
  const config = readableConfig(facts)
  return config.kind === 'unknown' ? null : setsAttribute(config, 'dev')
}

/** Every sentence that has this in front is about the dev database, whatever comes behind. */
export const devDatabaseSentence: Sentence = {
  words: ['taking database snapshot'],
  meaning:
    'it is the dev database that is not clean, not the target: Atlas plays the files there, and so wants it empty',
  advice: 'no baseline helps there, and the rows of the target have nothing to do with it',
  causes: [
    { text: 'the dev database is the target database', look: found('dev-database-is-target') },
    {
      text: 'spec.devURL points to a database in use',
      look: fact({
        holds: namesDev,
        because: 'spec.devURL names the dev database, and something else has made objects in it',
        remedy: 'point spec.devURL to an empty database that nothing else uses, or leave it out',
      }),
    },
    {
      text: 'the custom config names a dev database in use',
      look: fact({
        holds: configNamesDev,
        because: 'the env block of the config sets dev',
        remedy: 'let dev be an empty database that nothing else uses',
      }),
    },
    {
      text: 'an earlier run left something in the dev database that the operator makes itself',
      look: fact({
        holds: facts => (namesDev(facts) || configNamesDev(facts) === true ? false : null),
        because: 'the operator makes the dev database',
        remedy:
          'delete the pod of its Deployment, named like the AtlasMigration with -atlas-dev-db',
      }),
    },
  ],
}
