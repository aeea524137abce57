export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A refusal or a word of success as services send it (DSP0266 §8.6). */
export function message(status: number, id: string, words: string, headers: Record<string, string> = {}): Reply {
  const info = {
    '@odata.type': '#Message.v1_1_1.Message',
    MessageId: `Base.1.8.${id}`,
    Message: words,
    Severity: 'Critical',
  }
  const error = {
    code: 'Base.1.8.GeneralError',
    message: 'A general error has occurred.',
    '@Message.ExtendedInfo': [info],
  }
  return { status, headers, body: { error } }
}

export const done: Reply = { status: 204 }
export const missing = (path: string) =>
  message(404, 'ResourceMissingAtURI', `The resource at the URI ${path} was not found.`)
export const notAllowed = message(405, 'OperationNotAllowed', 'The HTTP method is not allowed on this resource.')
export const notWritable = (name: string) =>
  message(400, 'PropertyNotWritable', `The property ${name} is a read only property and cannot be assigned a value.`)
export const notInList = (value: string) =>
  message(400, 'PropertyValueNotInList', `The value '${value}' is not in the list of acceptable values.`)
