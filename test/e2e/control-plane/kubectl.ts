import { lastLines, type ProgramRun, runProgram } from '../programs/run-program.js'
import { ControlPlaneError } from './control-plane-error.js'

export interface KubectlOptions {
  /** Standard input, for `-f -`. */
  readonly input?: string
  /** Someone else's, from {@link ControlPlane.userKubeconfig}. */
  readonly kubeconfig?: string
}

/** Runs kubectl to its end, whatever its exit code. */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<ProgramRun>

export interface KubectlSetup {
  readonly program: string
  readonly kubeconfig: string
  /** Takes the place of the home folder, for the discovery cache. */
  readonly home: string
}

/** A call that takes longer hangs. */
const timeoutMs = 60_000

/** No proxy, no KUBECTL_… variable and no `~/.kube` of the user's reaches kubectl. `kubectl diff` finds diff on PATH. */
export function buildKubectl({ program, kubeconfig, home }: KubectlSetup): Kubectl {
  return (args, options = {}) =>
    runProgram(program, [`--kubeconfig=${options.kubeconfig ?? kubeconfig}`, ...args], {
      folder: home,
      environment: { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', TZ: 'UTC' },
      timeoutMs,
      ...(options.input !== undefined && { input: options.input }),
    })
}

/** Resolves to standard output. @throws ControlPlaneError with what kubectl says when it fails. */
export async function kubectlOutput(
  kubectl: Kubectl,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, options)
  if (code === 0) return stdout
  const what = args.slice(0, 3).join(' ')
  throw new ControlPlaneError(`kubectl ${what} failed (exit code ${code}): ${lastLines(stderr, 5)}`)
}
