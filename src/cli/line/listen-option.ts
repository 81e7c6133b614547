import type { CommandOption } from './command.js'

export const listen: CommandOption = {
  name: 'listen',
  value: 'HOST:PORT',
  environment: 'ATLAS_ADMISSION_LISTEN',
  default: '127.0.0.1:8443',
  help: 'where to serve HTTPS',
}
