package io.sietch.redis;

import io.sietch.vnic.CloseCause;
import io.sietch.vnic.Flow;
import io.sietch.vnic.FlowHandler;
import io.sietch.vnic.Network;
import io.sietch.vsic.NanoClock;
import io.sietch.vsic.Poller;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server's loop, run to completion: bytes come in, requests are executed, their effects go to the log, replies wait
 * in the flows, and what has become durable leaves. While a flush is under way it executes the next requests; only when
 * there is nobody else to serve does it run the flush itself ({@link CommitPace}).
 *
 * <p>Words. A <em>turn</em> is one call of {@link #poll}. A flow is <em>stalled</em> if requests of it are here that
 * cannot be executed yet; it is not read from then.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Requests of one connection are executed, and answered, in the order in which they came; one request, one reply.
 *   <li>With {@link AppendFsync#ALWAYS} no reply leaves before the log position is durable that it depends on.
 *   <li>In one turn a flow is read at most once and written at most once, and executes a bounded number of requests.
 *   <li>After the log has failed nothing is answered that is not durable.
 * </ol>
 */
final class Reactor implements Poller, FlowHandler {
    private static final Logger LOG = System.getLogger(Reactor.class.getPackageName());

    /** Requests that one connection may execute in one turn. Above any usual pipeline; a few milliseconds at worst. */
    private static final int MAX_REQUESTS_PER_TURN = 4096;

    /** Runs of replies that may wait on one connection: so many turns ago the oldest was executed. */
    private static final int MAX_MARKS = 1024;

    /** What a client may leave unread before it has told its password. */
    private static final int MAX_UNAUTHENTICATED_UNSENT = 64 << 10;

    /** How often the cron runs, as {@code hz 10} of Redis. */
    private static final long CRON_NANOS = 100_000_000L;

    /** While a commit is under way, what has gathered is written early when it is this much, to overlap the two. */
    private static final int EAGER_BYTES = 64 << 10;

    private static final int CRONS_PER_TIMEOUT_CHECK = 10;
    private static final long EVERYSEC_NANOS = 1_000_000_000L;
    /** How long a connection that is to be closed may take to read its last replies. */
    private static final long LINGER_NANOS = 60_000_000_000L;

    /**
     * So many connections that need not wait for the log are answered together, while others are yet to be served:
     * clients that are answered early come back while the loop is busy, and do not all at once.
     */
    private static final int ANSWERED_AT_ONCE = 8;

    /** So many requests are made durable together on a medium where that takes no time: then so do their clients. */
    private static final int SETTLED_AT_ONCE = 128;

    private final ServerConfig config;
    private final CommandTable commands;
    private final Journal journal;
    private final Committer committer;
    private final NanoClock clock;
    private final Cron cron;
    private final ServerStats stats = new ServerStats();
    private final RespEncoder encoder = new RespEncoder();
    private final Requests requests = new Requests();
    private final RequestBatch batch = new RequestBatch(requests);
    private final CommitPace pace = new CommitPace();
    private final Complaints complaints = new Complaints(LOG);
    private final PendingReplies pending = new PendingReplies(encoder);
    private final Map<Flow, Session> sessions = new LinkedHashMap<>();
    private ArrayList<Session> stalled = new ArrayList<>();
    private ArrayList<Session> stalledBefore = new ArrayList<>();

    private Foresight foresight = (none, count) -> {};
    private @Nullable Network network;
    private long now;
    private long submitted;
    private long served;
    private long servedLater;
    private long committed;
    private long settledRequests;
    private long nextCron;
    private int crons;
    private long nextCommit;
    private long wakeAt = Long.MAX_VALUE;
    private boolean failureHandled;
    private boolean draining;

    /** Knows what requests will need, and has it fetched. */
    @FunctionalInterface
    interface Foresight {
        /** @param requests of which {@code count} are about to be executed, in this order */
        void look(Request[] requests, int count);
    }

    /** What has to be done now and then, in the loop's thread. */
    @FunctionalInterface
    interface Cron {
        /** @param nowNanos the time of the turn */
        void run(long nowNanos);
    }

    Reactor(
            ServerConfig config,
            CommandTable commands,
            Journal journal,
            Committer committer,
            NanoClock clock,
            Cron cron) {
        this.config = config;
        this.commands = commands;
        this.journal = journal;
        this.committer = committer;
        this.clock = clock;
        this.cron = cron;
        this.now = clock.nanoTime();
        this.committed = journal.appended();
        this.nextCron = now + CRON_NANOS;
        this.nextCommit = now + EVERYSEC_NANOS;
    }

    /** Who looks at requests before they are executed. */
    void foresight(Foresight newForesight) {
        foresight = newForesight;
    }

    /** The network that this reactor is the handler of. Once, before the first turn. */
    void attach(Network itsNetwork) {
        network = itsNetwork;
    }

    // ---- the turn
    // -----------------------------------------------------------------------------------------------------

    @Override
    public int poll() {
        now = clock.nanoTime();
        int work = goOnWithStalled();
        work += network().poll(now);
        work += settle();
        if (now - nextCron >= 0) {
            nextCron = now + CRON_NANOS;
            runCron();
        }
        return work;
    }

    /** What was executed goes on its way to the medium, and what is durable is answered. */
    private int settle() {
        settledRequests = stats.requests();
        // Where nobody waits for the log, nobody shall wait while it moves on.
        int work = (pending.isWaiting() ? 0 : sendReplies()) + persist();
        work += committer.poll();
        if (journal.isFailed() && !failureHandled) {
            failureHandled = true;
            LOG.log(
                    Level.ERROR,
                    "the log has failed: writes are refused from now on, reads go on; "
                            + journal.refusal(Journal.FAILED));
            pending.fail(journal.durable(), journal.refusal(Journal.FAILED));
        }
        int released = pending.release(journal.durable());
        if (pace.isUnderWay() && journal.durable() >= committed) {
            pace.ended(clock.nanoTime(), served, released);
            // The medium is idle: what was executed meanwhile goes on its way before the replies leave.
            if (persist() > 0) {
                work += committer.poll();
            }
        }
        return work + sendReplies();
    }

    @Override
    public long idleNanos() {
        long time = clock.nanoTime();
        long idle = Math.min(nextCron - time, committer.idleNanos());
        if (!stalled.isEmpty()) {
            idle = Math.min(idle, wakeAt - time);
        }
        return Math.max(0, idle);
    }

    /**
     * Moves what was appended towards the medium, as the mode has it.
     *
     * @return 0 if there is nothing to do before something else happens
     */
    private int persist() {
        long appended = journal.appended();
        if (appended == committed) {
            return 0;
        }
        if (config.appendFsync() == AppendFsync.ALWAYS && !pace.isUnderWay()) {
            if (!isCommitDue()) {
                return 0;
            }
            long time = clock.nanoTime();
            if (!pace.isGathering(time, served)) {
                commit(appended, pace.begun(time, served, servedLater));
            }
            return 1;
        }
        if (config.appendFsync() == AppendFsync.EVERYSEC && now - nextCommit >= 0) {
            nextCommit = now + EVERYSEC_NANOS;
            commit(appended, false);
        } else if (config.appendFsync() != AppendFsync.ALWAYS
                ? appended != submitted
                : appended - submitted > EAGER_BYTES) {
            submitted = appended;
            committer.submit();
        }
        return 0;
    }

    /**
     * What cleaning has appended goes with the next news, whose sender would have to wait for a flush of its own;
     * unless somebody waits for the room that cleaning makes.
     */
    private boolean isCommitDue() {
        return journal.appendedNews() > committed || pending.isWaiting() || !stalled.isEmpty() || pace.isOverdue();
    }

    private void commit(long appended, boolean here) {
        committed = appended;
        submitted = appended;
        committer.commit(here);
    }

    private void runCron() {
        stats.sample(now);
        cron.run(now);
        pace.tick(committed);
        if (++crons % CRONS_PER_TIMEOUT_CHECK == 0) {
            for (Session session : sessions.values()) {
                checkTimeouts(session);
            }
        }
    }

    private void checkTimeouts(Session session) {
        long idleLimit = config.timeoutNanos();
        if (idleLimit > 0 && session.gate().marks() == 0 && now - session.lastActive() > idleLimit) {
            session.flow().close();
            return;
        }
        if (session.closing() && session.gate().marks() == 0 && now - session.lastActive() > LINGER_NANOS) {
            session.flow().close();
            return;
        }
        long since = session.partialSince();
        if (since != 0 && session.stall() == Session.Stall.NONE) {
            long allowed = config.requestTimeoutNanos(session.flow().receivedLength());
            if (allowed > 0 && now - since > allowed) {
                LOG.log(Level.DEBUG, "closed " + session.peer() + ": a request was not completed in time");
                session.flow().close();
            }
        }
    }

    // ---- flows
    // --------------------------------------------------------------------------------------------------------

    @Override
    public void opened(Flow flow) {
        stats.countConnection();
        Session session = new Session(
                flow,
                new RespDecoder(requests, config.maxBulk()),
                config.requirePassword().isEmpty(),
                now);
        flow.attach(session);
        sessions.put(flow, session);
        if (sessions.size() > config.maxClients()) {
            stats.countRejected();
            encoder.begin(flow, false);
            encoder.error("ERR max number of clients reached");
            session.gate().openTo(encoder.position());
            encoder.end();
            session.closeAfterReplies();
            pending.dirty(session);
        }
    }

    @Override
    public void received(Flow flow) {
        Session session = session(flow);
        session.lastActive(now);
        serve(session);
    }

    @Override
    public void ended(Flow flow) {
        // A stalled flow is paused and does not come here, so everything that arrived has been executed.
        Session session = session(flow);
        session.closeAfterReplies();
        pending.dirty(session);
    }

    @Override
    public void writable(Flow flow) {
        session(flow).lastActive(now);
    }

    @Override
    public void closed(Flow flow, CloseCause cause) {
        Session session = sessions.remove(flow);
        if (session != null && (cause == CloseCause.RECEIVE_LIMIT || cause == CloseCause.MEMORY_LIMIT)) {
            complaints.complain(
                    "closed " + session.peer() + ": more received and not executed than allowed (" + cause + ")", now);
        }
    }

    private static Session session(Flow flow) {
        if (flow.attachment() instanceof Session session) {
            return session;
        }
        throw new IllegalStateException(flow + " has no session");
    }

    // ---- requests
    // -----------------------------------------------------------------------------------------------------

    /** Executes what has arrived completely, as far as this turn allows. */
    private void serve(Session session) {
        if (draining || session.closing() || session.stall() != Session.Stall.NONE) {
            return;
        }
        Flow flow = session.flow();
        long begun = flow.committed();
        encoder.begin(flow, session.resp3());
        int used = execute(session, flow);
        encoder.end();
        flow.consume(used);
        if (flow.receivedLength() == 0) {
            session.partialSince(0);
        } else if (used > 0 || session.partialSince() == 0) {
            session.partialSince(now);
        }
        boolean answered = flow.committed() != begun;
        served += answered ? 1 : 0;
        servedLater += answered && session.waiting ? 1 : 0;
        if (answered || session.closing()) {
            pending.dirty(session);
            if (!session.waiting && pending.answered() >= ANSWERED_AT_ONCE) {
                sendReplies();
            }
        }
        if (encoder.overflowed() || isUnreadByStranger(session, flow)) {
            complaints.complain(
                    "closed " + session.peer() + ": it does not read its replies, " + flow.unsent() + " bytes wait",
                    now);
            stats.countOutputLimit();
            flow.close();
        }
        if (session.waiting && stats.requests() - settledRequests >= SETTLED_AT_ONCE && pace.isQuick()) {
            settle();
        }
    }

    private int sendReplies() {
        int sent = pending.flush();
        if (sent > 0) {
            network().flush();
        }
        return sent;
    }

    private static boolean isUnreadByStranger(Session session, Flow flow) {
        return !session.authenticated() && flow.unsent() > MAX_UNAUTHENTICATED_UNSENT;
    }

    /** Returns how many bytes were used up. */
    private int execute(Session session, Flow flow) {
        MemorySegment memory = flow.receivedSegment();
        long start = flow.receivedOffset();
        int length = flow.receivedLength();
        RespDecoder decoder = session.decoder();
        int used = 0;
        int executed = 0;
        while (used < length) {
            batch.fill(decoder, memory, start, used, length, session.authenticated());
            if (batch.size() > 1) {
                foresight.look(batch.requests(), batch.size());
            }
            int answered = answerBatch(session, MAX_REQUESTS_PER_TURN - executed);
            boolean all = answered == batch.size();
            used = all ? batch.end() : answered == 0 ? used : batch.end(answered - 1);
            executed += answered;
            RespDecoder.Result last = batch.last();
            batch.clear();
            if (session.closing() || encoder.overflowed()) {
                return flow.isOpen() ? length : 0;
            }
            if (!all) {
                // What was decoded and not executed is decoded once more.
                decoder.next();
                stall(session);
                break;
            }
            if (last == RespDecoder.Result.ERROR) {
                refuse(session, decoder.error());
                return length;
            }
            if (last == RespDecoder.Result.INCOMPLETE) {
                break;
            }
        }
        return used;
    }

    /** Executes the requests of the batch. Returns how many; if not all, the next has to be presented again. */
    private int answerBatch(Session session, int most) {
        for (int i = 0; i < batch.size(); i++) {
            boolean mayGoOn = i < most && session.gate().marks() < MAX_MARKS;
            if (!mayGoOn || !answer(session, batch.request(i))) {
                return i;
            }
            if (session.closing() || encoder.overflowed()) {
                return i + 1;
            }
        }
        return batch.size();
    }

    private void refuse(Session session, String reason) {
        stats.countProtocolError();
        encoder.error("ERR Protocol error: " + reason);
        addReply(session, 0);
        session.closeAfterReplies();
    }

    /** Executes one request. Returns false if it has to be presented again. */
    private boolean answer(Session session, Request request) {
        long mark = encoder.position();
        long position;
        try {
            position = dispatch(session, request);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a request of " + session.peer() + " failed: " + request, e);
            encoder.rewind(mark);
            encoder.error(CommandHandler.failure(e));
            session.closeAfterReplies();
            position = 0;
        }
        if (position == CommandHandler.RETRY) {
            encoder.rewind(mark);
            return false;
        }
        if (position > journal.durable() && journal.isFailed()) {
            encoder.rewind(mark);
            encoder.error(journal.refusal(Journal.FAILED));
            position = 0;
        }
        stats.countRequest();
        addReply(session, position);
        return true;
    }

    private void addReply(Session session, long position) {
        long awaited = config.appendFsync() == AppendFsync.ALWAYS ? position : 0;
        if (session.gate().add(encoder.position(), awaited, journal.durable(), committed)) {
            pending.waiting(session);
        }
    }

    private long dispatch(Session session, Request request) {
        CommandSpec spec = commands.find(request);
        if (spec == null) {
            return unknown(session, request);
        }
        if (!session.authenticated() && !spec.is("no_auth")) {
            encoder.error("NOAUTH Authentication required.");
            return 0;
        }
        session.lastCommand(spec.name());
        if (!spec.accepts(request.count())) {
            encoder.error(CommandTable.wrongArity(spec));
            return 0;
        }
        return spec.handler().execute(request, encoder, session);
    }

    private long unknown(Session session, Request request) {
        if (request.isWord(0, "POST") || request.isWord(0, "HOST:")) {
            // A browser that somebody led here. No reply: it might be shown as a page.
            complaints.complain("closed " + session.peer() + ": it speaks HTTP; possibly a cross-protocol attack", now);
            session.closeAfterReplies();
        } else if (session.authenticated()) {
            encoder.error(CommandTable.unknown(request));
        } else {
            encoder.error("NOAUTH Authentication required.");
        }
        return 0;
    }

    private void stall(Session session) {
        if (session.stall() == Session.Stall.NONE) {
            session.stall(Session.Stall.TURN);
        }
        session.flow().pause();
        addStalled(session);
    }

    private void addStalled(Session session) {
        stalled.add(session);
        if (session.stall() == Session.Stall.SLEEP) {
            wakeAt = Math.min(wakeAt, session.sleepUntil());
        }
    }

    /** Presents again what could not be executed. Returns how many connections got on. */
    private int goOnWithStalled() {
        if (stalled.isEmpty()) {
            return 0;
        }
        int got = 0;
        wakeAt = Long.MAX_VALUE;
        ArrayList<Session> before = stalled;
        stalled = stalledBefore;
        for (int i = 0; i < before.size(); i++) {
            Session session = before.get(i);
            if (!session.flow().isOpen()) {
                continue;
            }
            if (session.stall() == Session.Stall.SLEEP && now - session.sleepUntil() < 0) {
                addStalled(session);
                continue;
            }
            long executed = stats.requests();
            session.stall(Session.Stall.NONE);
            serve(session);
            got += stats.requests() == executed ? 0 : 1;
            if (session.stall() == Session.Stall.NONE && !draining) {
                session.flow().resume();
            }
        }
        before.clear();
        stalledBefore = before;
        return got;
    }

    // ---- for commands and tests
    // ---------------------------------------------------------------------------------------

    long now() {
        return now;
    }

    ServerStats stats() {
        return stats;
    }

    Iterable<Session> sessions() {
        return sessions.values();
    }

    int clients() {
        return sessions.size();
    }

    RespEncoder encoder() {
        return encoder;
    }

    /** Executes nothing from now on; what was executed becomes durable and is answered. */
    void drain() {
        draining = true;
        commit(journal.appended(), false);
        for (Session session : sessions.values()) {
            session.flow().pause();
        }
    }

    /** Whether everything executed is durable, or never will be, and every reply has left. */
    boolean isDrained() {
        for (Session session : sessions.values()) {
            if (session.flow().unsent() > 0) {
                return false;
            }
        }
        return journal.isFailed() || (!pending.isWaiting() && journal.appendedNews() <= journal.durable());
    }

    Network network() {
        Network attached = network;
        if (attached == null) {
            throw new IllegalStateException("no network is attached");
        }
        return attached;
    }
}
