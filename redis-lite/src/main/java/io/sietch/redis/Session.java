package io.sietch.redis;

import io.sietch.vnic.Flow;
import java.util.concurrent.TimeUnit;

/** What the server knows of one connection. One thread, that of the reactor. */
final class Session implements ClientContext {
    /** Why no further request of the connection is executed for now. */
    enum Stall {
        NONE,
        /** The journal is busy, or the turn is over: the next turn goes on. */
        TURN,
        /** {@code DEBUG SLEEP}: until {@link Session#sleepUntil}. */
        SLEEP
    }

    private final Flow flow;
    private final RespDecoder decoder;
    private final ReplyGate gate = new ReplyGate();
    private final String peer;
    private final String local;
    private final long openedAt;

    private boolean authenticated;
    private boolean resp3;
    private String name = "";
    private String libraryName = "";
    private String libraryVersion = "";
    private String lastCommand = "";
    private long lastActive;
    private boolean closing;
    private Stall stall = Stall.NONE;
    private long sleepUntil;
    // Since when a request is incomplete; 0 if none is.
    private long partialSince;

    // Lists of the reactor that it stands in.
    boolean dirty;
    boolean waiting;

    Session(Flow flow, RespDecoder decoder, boolean authenticated, long nowNanos) {
        this.flow = flow;
        this.decoder = decoder;
        this.authenticated = authenticated;
        this.peer = flow.peer();
        this.local = flow.local();
        this.openedAt = nowNanos;
        this.lastActive = nowNanos;
    }

    @Override
    public long id() {
        return flow.id();
    }

    Flow flow() {
        return flow;
    }

    RespDecoder decoder() {
        return decoder;
    }

    ReplyGate gate() {
        return gate;
    }

    boolean authenticated() {
        return authenticated;
    }

    void authenticated(boolean known) {
        authenticated = known;
    }

    boolean resp3() {
        return resp3;
    }

    void resp3(boolean spoken) {
        resp3 = spoken;
    }

    String name() {
        return name;
    }

    void name(String newName) {
        name = newName;
    }

    void library(String field, String value) {
        if (field.equals("lib-name")) {
            libraryName = value;
        } else {
            libraryVersion = value;
        }
    }

    void lastCommand(String command) {
        lastCommand = command;
    }

    long lastActive() {
        return lastActive;
    }

    void lastActive(long nowNanos) {
        lastActive = nowNanos;
    }

    long partialSince() {
        return partialSince;
    }

    void partialSince(long nowNanos) {
        partialSince = nowNanos;
    }

    /** Whether the connection ends when the replies so far are sent; no further request is executed. */
    boolean closing() {
        return closing;
    }

    /** Executes nothing more, and ends the connection when the replies so far are sent. */
    void closeAfterReplies() {
        closing = true;
    }

    Stall stall() {
        return stall;
    }

    void stall(Stall reason) {
        stall = reason;
    }

    long sleepUntil() {
        return sleepUntil;
    }

    void sleepUntil(long nanos) {
        sleepUntil = nanos;
    }

    /** As after connecting, for {@code RESET}. */
    void reset(boolean nowAuthenticated) {
        authenticated = nowAuthenticated;
        resp3 = false;
        name = "";
    }

    /** A line of {@code CLIENT LIST}, without its end. */
    String describe(long nowNanos) {
        return "id=" + id() + " addr=" + peer + " laddr=" + local + " fd=" + (id() + 7) + " name=" + name + " age="
                + TimeUnit.NANOSECONDS.toSeconds(nowNanos - openedAt) + " idle="
                + TimeUnit.NANOSECONDS.toSeconds(nowNanos - lastActive)
                + " flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=" + flow.receivedLength()
                + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=" + flow.unsent() + " oll=" + gate.replies()
                + " omem=0 tot-mem=" + (flow.receivedLength() + flow.unsent()) + " events=r cmd="
                + (lastCommand.isEmpty() ? "NULL" : lastCommand) + " user=default redir=-1 resp=" + (resp3 ? 3 : 2)
                + " lib-name=" + libraryName + " lib-ver=" + libraryVersion;
    }

    String peer() {
        return peer;
    }
}
