# Shared by the programs in */bin: finds a JDK, builds on first use, starts Java. POSIX sh, sourced, not run.
#
# The program sets, before it sources this file:
#   NAME     what it calls itself in messages
#   ROOT     the directory of the checkout
#   MODULE   the Maven module whose classes and dependencies it runs
#   SOURCES  (may be unset) further directories whose files it is built from, besides all src/main
#   PROFILE  (may be unset) a Maven profile to build with; without it, if what it needs cannot be fetched
# and then calls:
#   find_jdk            sets JAVA to the java of a JDK 25 or newer, or says what to do and exits with 1
#   build_if_needed     makes sure that $APP/lib holds jars no older than the sources
# The jars are run from a copy, $APP, that is swapped as a whole: a build never pulls classes from under a running server.

JDK_FLOOR=25
APP=$ROOT/$MODULE/target/app

say() {
    printf '%s: %s\n' "$NAME" "$*" >&2
}

# True if $1 is the home of a JDK (with a compiler) of at least JDK_FLOOR.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
    if [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    else
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    fi
    [ -n "$version" ] && [ "$version" -ge "$JDK_FLOOR" ]
}

# The home of the java on PATH, through any links.
home_on_path() {
    found=$(command -v java) || return 0
    while [ -h "$found" ]; do
        target=$(readlink "$found")
        case $target in
            /*) found=$target ;;
            *) found=$(dirname "$found")/$target ;;
        esac
    done
    (CDPATH='' cd -- "$(dirname "$found")/.." 2>/dev/null && pwd -P)
}

find_jdk() {
    for home in "${JAVA_HOME:-}" "$(home_on_path)" \
        /usr/lib/jvm/* /usr/java/* /usr/jdk/* /opt/java/* /opt/jdk* /opt/*jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.gradle/jdks/* "$HOME"/.asdf/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if [ -n "$home" ] && is_jdk "$home"; then
            JDK_HOME=$home
            JAVA=$home/bin/java
            return
        fi
    done
    say "needs a JDK $JDK_FLOOR or newer and found none: install one, or set JAVA_HOME to where it is"
    exit 1
}

# True if the sources are newer than what $APP was built from.
is_stale() {
    [ -f "$APP/built" ] || return 0
    # shellcheck disable=SC2086 # the directories are words
    newer=$(cd "$ROOT" && find pom.xml .mvn/launcher.sh */pom.xml */src/main ${SOURCES:-} -newer "$APP/built" -print 2>/dev/null | head -n 1)
    [ -n "$newer" ]
}

# Shows how far the build is, on one line, while process $1 runs.
show_progress() {
    begun=$(date +%s)
    while kill -0 "$1" 2>/dev/null; do
        step=$(sed -n 's/^\[INFO\] Building \(Sietch[^0-9]*\).*\(\[[0-9/]*\]\)$/\2 \1/p' "$BUILD_LOG" | tail -n 1)
        printf '\r\033[K%s: %s(%d s)' "$NAME" "${step:-starting Maven }" "$(($(date +%s) - begun))" >&2
        sleep 1
    done
    printf '\r\033[K' >&2
}

# Packages the module and what it needs, with further arguments for Maven if there are any.
run_maven() {
    (
        cd "$ROOT"
        JAVA_HOME=$JDK_HOME exec mvn -B "$@" -pl "$MODULE" -am -Dmaven.test.skip=true -Dtidy.skip=true package
    ) </dev/null >>"$BUILD_LOG" 2>&1 &
    maven=$!
    trap 'kill "$maven" 2>/dev/null; exit 130' INT TERM
    [ ! -t 2 ] || show_progress "$maven"
    wait "$maven"
}

build() {
    command -v mvn >/dev/null 2>&1 || {
        say "needs Maven to build itself and found no mvn on PATH: install Maven 3.8 or newer"
        exit 1
    }
    mkdir -p "$ROOT/$MODULE/target"
    BUILD_LOG=$ROOT/$MODULE/target/build.log
    rm -rf "$ROOT/$MODULE/target/lib"
    : >"$BUILD_LOG"
    : >"$ROOT/$MODULE/target/build.begun"
    run_maven ${PROFILE:+-P"$PROFILE"} || { [ -n "${PROFILE:-}" ] && grep -q 'resolve' "$BUILD_LOG" && run_maven; } || {
        grep -a '^\[ERROR\] *[^ ]' "$BUILD_LOG" | head -n 15 >&2 || tail -n 15 "$BUILD_LOG" >&2
        say "the build failed; the whole log is $BUILD_LOG"
        exit 1
    }
    rm -rf "$APP.new" "$APP.old"
    mkdir -p "$APP.new"
    mv "$ROOT/$MODULE/target/lib" "$APP.new/lib"
    cp "$ROOT/$MODULE/target/$MODULE"-*.jar "$APP.new/lib/"
    [ ! -d "$APP" ] || mv "$APP" "$APP.old"
    mv "$APP.new" "$APP"
    rm -rf "$APP.old"
    trap - INT TERM
}

build_if_needed() {
    is_stale || return 0
    if [ -f "$APP/built" ]; then
        say "sources have changed, building"
    else
        say "first use: building (once, a minute or so; Maven fetches what it needs)"
    fi
    # Two starts at once must not build over each other; without flock(1) that is the user's business.
    if command -v flock >/dev/null 2>&1; then
        mkdir -p "$ROOT/$MODULE/target"
        exec 9>"$ROOT/$MODULE/target/build.lock"
        flock 9
        if ! is_stale; then
            exec 9>&-
            return 0
        fi
    fi
    build 9>&-
    after_build 9>&-
    mv "$ROOT/$MODULE/target/build.begun" "$APP/built"
    exec 9>&-
}

# What a program does once after each build; it may define this again after it has sourced this file.
after_build() {
    :
}
