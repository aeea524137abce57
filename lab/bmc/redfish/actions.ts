import type { PowerAction } from '../../../src/bmc/driver.ts'
import { pathsOf } from './documents.ts'
import { done, message, missing, notInList, type Reply } from './reply.ts'
import type { LabTask, State } from './state.ts'

type Body = Readonly<Record<string, unknown>>

/** DSP2046 Resource.ResetType as the machine knows it. */
const RESETS: Readonly<Record<string, PowerAction>> = {
  On: 'on',
  ForceOn: 'on',
  ForceOff: 'off',
  GracefulShutdown: 'soft-off',
  ForceRestart: 'reset',
  GracefulRestart: 'reset',
  PowerCycle: 'cycle',
  Nmi: 'nmi',
}
const NEEDS: Readonly<Record<string, 'on' | 'off'>> = { on: 'off', off: 'on', 'soft-off': 'on', reset: 'on' }

/** What a POST does, by its path. */
export function act(state: State, path: string, body: Body, taskFails: boolean): Reply {
  const at = pathsOf(state.shape)
  const actions: Record<string, () => Reply> = {
    [`${at.system}/Actions/ComputerSystem.Reset`]: () => reset(state, body, taskFails),
    [`${at.manager}/Actions/Manager.Reset`]: () => ((state.bmcResets += 1), done),
    [`${at.logs}/${state.shape.ids.log}/Actions/LogService.ClearLog`]: () => (state.log.splice(0), done),
    ...(state.shape.media.by === 'action' && {
      [`${at.media}/Cd/Actions/VirtualMedia.InsertMedia`]: () => insert(state, body),
      [`${at.media}/Cd/Actions/VirtualMedia.EjectMedia`]: () => (
        Object.assign(state.media, { Image: null, Inserted: false }), done
      ),
    }),
    [at.accounts]: () => addAccount(state, body),
  }
  return Object.hasOwn(actions, path) ? (actions[path]?.() ?? missing(path)) : missing(path)
}

function reset(state: State, { ResetType }: Body, taskFails: boolean): Reply {
  const { shape, machine } = state
  const type = String(ResetType)
  if (!shape.resetTypes.includes(type))
    return message(400, 'ActionParameterValueNotInList', `'${type}' is not offered.`)
  const power = machine.power()
  const action = type === 'PushPowerButton' ? (power === 'on' ? 'soft-off' : 'on') : (RESETS[type] ?? 'nmi')
  const needs = NEEDS[action]
  if (needs !== undefined && power !== needs && shape.already !== 204) return refuse(shape.already, power)
  if (!shape.tasks) return (machine.act(action), done)
  return startTask(state, () => machine.act(action), taskFails)
}

/** As each maker says it. */
const refuse = (status: 400 | 409, power: string) =>
  status === 409
    ? message(409, 'ResourceInUse', `The power state is ${power} already.`)
    : message(400, 'InvalidOperationForSystemState', `The operation is not possible while the system is ${power}.`)

const TASK_MS = 20

function startTask(state: State, work: () => void, fails: boolean): Reply {
  const id = String(state.tasks.size + 1)
  const task: LabTask = { state: 'Running' }
  state.tasks.set(id, task)
  const end = () => {
    if (!fails) work()
    task.state = fails ? 'Exception' : 'Completed'
  }
  setTimeout(end, TASK_MS).unref()
  return taskReply(state, id, task)
}

/** The task monitor (DSP0266 §12.2): 202 until it is done. */
export function pollTask(state: State, id: string): Reply | undefined {
  const task = state.tasks.get(id)
  return task && taskReply(state, id, task)
}

function taskReply({ shape }: State, id: string, { state: TaskState }: LabTask): Reply {
  const path = `${pathsOf(shape).tasks}/${id}`
  const failed = TaskState === 'Exception'
  const Messages = failed ? [{ MessageId: 'Lab.1.0.Failed', Message: 'The power supply did not answer.' }] : []
  const body = { '@odata.id': path, Id: id, TaskState, TaskStatus: failed ? 'Critical' : 'OK', Messages }
  if (TaskState !== 'Running') return { status: 200, body }
  return { status: 202, headers: { location: `${path}/Monitor`, 'retry-after': '0' }, body }
}

function insert(state: State, { Image }: Body): Reply {
  if (state.media.Inserted) return message(400, 'ResourceInUse', 'Virtual media is inserted already.')
  if (typeof Image !== 'string' || !URL.canParse(Image)) return notInList(String(Image))
  Object.assign(state.media, { Image, Inserted: true })
  return done
}

function addAccount(state: State, body: Body): Reply {
  if (state.shape.accounts === 'slots') return message(405, 'OperationNotAllowed', 'Accounts are fixed slots.')
  const { UserName, Password, RoleId, Enabled } = body
  if (typeof UserName !== 'string' || typeof Password !== 'string')
    return message(400, 'CreateFailedMissingReqProperties', 'Name and password are needed.')
  const Id = state.shape.ids.system === 'system' ? UserName : String(state.accounts.length + 2)
  state.accounts.push({ Id, UserName, Password, Enabled: Enabled !== false, RoleId: String(RoleId) })
  return { status: 201, headers: { location: `${pathsOf(state.shape).accounts}/${Id}` }, body: { Id } }
}
