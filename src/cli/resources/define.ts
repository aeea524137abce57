import type { Define } from '../define.ts'
import type { Kind } from '../../inventory/documents/kinds.ts'
import { addDelete } from './delete.ts'
import { addList } from './list.ts'
import { addSet } from './set.ts'
import { addShow } from './show.ts'

/** The commands that every kind has. */
export function defineKind(kind: Kind): Define {
  return (command, session) => {
    addList(command, kind, session)
    addShow(command, kind, session)
    addSet(command, kind, session)
    addDelete(command, kind, session)
  }
}
