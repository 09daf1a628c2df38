package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogMetrics;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The sections of {@code INFO}, with the names that Redis's tools look for. */
final class InfoSections {
    private InfoSections() {}

    /** Adds all sections. */
    static void register(
            ServerInfo info,
            ServerConfig config,
            Reactor reactor,
            Keyspace keyspace,
            Storage storage,
            LogCheckup checkup,
            long startedNanos) {
        info.section("Server", lines -> {
            long uptime = TimeUnit.NANOSECONDS.toSeconds(reactor.now() - startedNanos);
            lines.add("redis_version", RedisServer.REDIS_VERSION)
                    .add("redis_mode", "standalone")
                    .add("server_name", "redis-lite")
                    .add("sietch_version", RedisServer.version())
                    .add("os", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                    .add("arch_bits", 64)
                    .add("java_version", Runtime.version())
                    .add("process_id", ProcessHandle.current().pid())
                    .add("tcp_port", config.port())
                    .add("server_time_usec", info.epochMicros())
                    .add("uptime_in_seconds", uptime)
                    .add("uptime_in_days", uptime / 86_400)
                    .add("hz", 10);
        });
        info.section(
                "Clients",
                lines -> lines.add("connected_clients", reactor.clients())
                        .add("maxclients", config.maxClients())
                        .add("blocked_clients", 0));
        info.section("Memory", lines -> memory(lines, reactor, keyspace));
        info.section("Persistence", lines -> persistence(lines, config, storage, checkup));
        info.section("Stats", lines -> stats(lines, reactor, keyspace));
        info.section(
                "Replication",
                lines -> lines.add("role", "master").add("connected_slaves", 0).add("master_repl_offset", 0));
        info.section("CPU", lines -> cpu(lines));
        info.section("Cluster", lines -> lines.add("cluster_enabled", 0));
        info.section("Keyspace", lines -> {
            Keyspace.Counts counts = keyspace.counts();
            if (counts.keys() > 0) {
                lines.add(
                        "db0",
                        "keys=" + counts.keys() + ",expires=" + counts.expires() + ",avg_ttl=" + counts.averageTtl());
            }
        });
    }

    private static void memory(ServerInfo.Lines lines, Reactor reactor, Keyspace keyspace) {
        long used = ServerInfo.heapBytes()
                + keyspace.memoryBytes()
                + reactor.network().bufferBytes();
        lines.add("used_memory", used)
                .add("used_memory_human", ServerInfo.human(used))
                .add("used_memory_dataset", keyspace.memoryBytes())
                .add("used_memory_heap", ServerInfo.heapBytes())
                .add("mem_clients_normal", reactor.network().bufferBytes())
                .add("maxmemory", 0)
                .add("maxmemory_human", "0B")
                .add("maxmemory_policy", "noeviction");
    }

    private static void persistence(ServerInfo.Lines lines, ServerConfig config, Storage storage, LogCheckup checkup) {
        LogCore log = storage.journal().log();
        LogMetrics metrics = log.metrics();
        Histogram flushes = metrics.flushLatency();
        lines.add("loading", 0)
                .add("async_loading", 0)
                .add("rdb_changes_since_last_save", 0)
                .add("rdb_bgsave_in_progress", 0)
                .add("rdb_last_bgsave_status", "ok")
                .add("aof_enabled", 1)
                .add("aof_fsync", config.appendFsync().text())
                .add("aof_rewrite_in_progress", 0)
                .add("aof_last_bgrewrite_status", "ok")
                .add("aof_last_write_status", log.isFailed() ? "err" : "ok")
                .add("aof_current_size", log.appended() - log.head())
                .add("log_appended", log.appended())
                .add("log_submitted", log.submitted())
                .add("log_written", log.written())
                .add("log_durable", log.durable())
                .add("log_head", log.head())
                .add("log_check_in_progress", checkup.isDone() ? 0 : 1)
                .add("log_damages", checkup.damages())
                .add("log_area_bytes", storage.areaBytes())
                .add("log_free_bytes", log.freeBytes())
                .add("log_records", metrics.records())
                .add("log_commits", metrics.commits())
                .add("log_flushes", metrics.flushes())
                .add("log_write_amplification", "%.2f".formatted(metrics.writeAmplification()))
                .add("log_flush_usec_p50", flushes.getValueAtPercentile(50) / 1000)
                .add("log_flush_usec_p99", flushes.getValueAtPercentile(99) / 1000)
                .add("log_flush_usec_p999", flushes.getValueAtPercentile(99.9) / 1000)
                .add("log_flush_usec_max", flushes.getMaxValue() / 1000)
                .add("medium", storage.media().characteristics().kind());
    }

    private static void stats(ServerInfo.Lines lines, Reactor reactor, Keyspace keyspace) {
        ServerStats stats = reactor.stats();
        lines.add("total_connections_received", stats.connections())
                .add("total_commands_processed", stats.requests())
                .add("instantaneous_ops_per_sec", stats.requestsPerSecond())
                .add("rejected_connections", stats.rejected())
                .add("expired_keys", keyspace.expiredKeys())
                .add("evicted_keys", 0)
                .add("total_error_replies", stats.protocolErrors())
                .add("client_output_buffer_limit_disconnections", stats.outputLimits())
                .add("pubsub_channels", 0)
                .add("latest_fork_usec", 0);
    }

    private static void cpu(ServerInfo.Lines lines) {
        double seconds = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(duration -> duration.toNanos() / 1e9)
                .orElse(0.0);
        lines.add("used_cpu_user", "%.6f".formatted(seconds)).add("used_cpu_sys", "0.000000");
    }
}
