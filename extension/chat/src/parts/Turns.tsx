import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isThinking, type Shown, streaming } from "../store.ts";
import { AnswerTurn } from "./AnswerTurn.tsx";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";
import { UserTurn } from "./UserTurn.tsx";

// Whoever is so near to the end wants to see what comes.
const NEAR_PX = 60;

interface Props {
  shown: Shown;
  /** The message whose words are being changed. */
  edited: string;
  onEdit: (turnId: string) => void;
}

/** The turns of a chat. The view stays at the end for as long as the reader does. */
export function Turns({ shown, edited, onEdit }: Props) {
  const { words } = usePage();
  const root = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = () => root.current?.scrollTo({ top: root.current.scrollHeight });
  useLayoutEffect(() => {
    if (atEnd) {
      toEnd();
    }
  });
  useEffect(() => {
    setAtEnd(true);
  }, [shown.chat.id]);
  // What grows by itself, such as a block's bar, or what a narrower window wraps.
  useEffect(() => {
    const observer = new ResizeObserver(() => atEnd && toEnd());
    if (root.current?.firstElementChild) {
      observer.observe(root.current.firstElementChild);
      observer.observe(root.current);
    }
    return () => observer.disconnect();
  }, [atEnd]);

  const onScroll = () => {
    const view = root.current;
    if (view) {
      setAtEnd(view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_PX);
    }
  };
  return (
    <main class="turns" ref={root} onScroll={onScroll} aria-label={words.conversation}>
      <div class="column" role="log" aria-live="off">
        {shown.turns.length === 0 && <Welcome />}
        {shown.turns.map((turn, index) =>
          turn.role === "user" ? (
            <UserTurn
              key={turn.id}
              turn={turn}
              chatId={shown.chat.id}
              isEdited={turn.id === edited}
              onEdit={onEdit}
            />
          ) : (
            <AnswerTurn
              key={turn.id}
              turn={turn}
              shown={shown}
              isLast={index === shown.turns.length - 1}
            />
          ),
        )}
      </div>
      <Announcer shown={shown} />
      {!atEnd && (
        <IconButton
          icon="down"
          label={words.latest}
          class="latest"
          onClick={() => {
            setAtEnd(true);
            toEnd();
          }}
        />
      )}
    </main>
  );
}

function Welcome() {
  const { words } = usePage();
  return (
    <div class="welcome">
      <img src="icon.svg" alt="" width="48" height="48" />
      <h1>{words.emptyTitle}</h1>
      <p>{words.emptyText}</p>
    </div>
  );
}

/** Tells a screen reader how an answer gets on: its stages, not its tokens. */
function Announcer({ shown }: { shown: Shown }) {
  const { words } = usePage();
  const turn = streaming(shown);
  const was = useRef(false);
  useEffect(() => {
    was.current = turn !== undefined;
  });
  const stage = turn
    ? isThinking(turn)
      ? words.announceThinking
      : words.announceAnswering
    : was.current
      ? words.announceDone
      : "";
  return (
    <div class="visually-hidden" role="status">
      {stage}
    </div>
  );
}
