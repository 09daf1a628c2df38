package io.sietch.crash.peer;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.Prefixes;
import io.sietch.crash.file.CrashFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.store.NoLockFactory;
import org.apache.lucene.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * An index of Lucene, held to what it says of {@code commit}: the changes are there after a crash of the machine, or of
 * the one that was under way all or none; and the index opens.
 */
final class LuceneSubject implements CrashSubject<Map<String, String>, Map<String, String>> {
    /** What the harness does for Lucene besides calling it. */
    enum Care {
        NONE,
        /**
         * Syncs the directory before a commit gets its name, so that the names of its files are durable by then, and
         * when an old commit has lost its name, so that its files outlive it.
         */
        NAMES
    }

    /** It says once that it would be faster with another option. */
    private static final Logger QUIET = Logger.getLogger("org.apache.lucene");

    static {
        QUIET.setLevel(Level.OFF);
    }

    private static final int COMMITS = 3;
    private static final int DOCUMENTS = 4;

    private final Care care;
    private @Nullable IndexWriter writer;

    LuceneSubject(String care) {
        this.care = Care.valueOf(care);
    }

    @Override
    public Map<String, String> open(Life<Map<String, String>> life) throws IOException {
        beginIdsAt(life.number());
        Path path = CrashFiles.mount(life.media()).getPath("/");
        Directory files = new NIOFSDirectory(path, NoLockFactory.INSTANCE);
        Directory directory = care == Care.NAMES ? new NamesFirst(files) : files;
        boolean isNew = !DirectoryReader.indexExists(directory);
        IndexWriter opened =
                new IndexWriter(directory, new IndexWriterConfig().setMergeScheduler(new SerialMergeScheduler()));
        writer = opened;
        if (isNew) {
            opened.commit();
        }
        // What is shown from here on was perhaps only written by a process that was killed.
        directory.sync(List.of(directory.listAll()));
        directory.syncMetaData();
        return all(directory);
    }

    /** Lucene gives segments random names, each one more than the last: from a number of the life's here. */
    private static void beginIdsAt(int life) {
        try {
            Field next = StringHelper.class.getDeclaredField("nextId");
            next.setAccessible(true);
            next.set(null, BigInteger.valueOf((life + 1L) << 32));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Lucene makes its ids in another way", e);
        }
    }

    private static Map<String, String> all(Directory directory) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            StoredFields stored = reader.storedFields();
            ScoreDoc[] hits =
                    new IndexSearcher(reader).search(new MatchAllDocsQuery(), Math.max(1, reader.maxDoc())).scoreDocs;
            for (ScoreDoc hit : hits) {
                Document document = stored.document(hit.doc);
                found.put(document.get("key"), document.get("text"));
            }
        }
        return found;
    }

    @Override
    public void work(Life<Map<String, String>> life) throws IOException {
        IndexWriter opened = Objects.requireNonNull(writer);
        for (int commit = 0; commit < COMMITS; commit++) {
            Map<String, String> puts = new TreeMap<>();
            for (int i = commit; i < commit + DOCUMENTS; i++) {
                puts.put("key " + i, ("life " + life.number() + " commit " + commit + " ").repeat(1 + i * 12));
            }
            int number = life.attempt(puts);
            for (Map.Entry<String, String> put : puts.entrySet()) {
                Document document = new Document();
                document.add(new StringField("key", put.getKey(), Store.YES));
                document.add(new StoredField("text", put.getValue()));
                opened.updateDocument(new Term("key", put.getKey()), document);
            }
            opened.commit();
            life.acknowledge(number);
        }
    }

    @Override
    public void check(Map<String, String> before, List<Deed<Map<String, String>>> deeds, Map<String, String> after) {
        Prefixes.checkPut(before, deeds, after);
    }

    @Override
    public void close() {
        try {
            if (writer != null) {
                writer.rollback();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class NamesFirst extends FilterDirectory {
        NamesFirst(Directory files) {
            super(files);
        }

        @Override
        public void rename(String source, String target) throws IOException {
            in.syncMetaData();
            in.rename(source, target);
        }

        @Override
        public void deleteFile(String name) throws IOException {
            in.deleteFile(name);
            if (name.startsWith(IndexFileNames.SEGMENTS)) {
                in.syncMetaData();
            }
        }
    }
}
