# Private PostgreSQL, Redis, Redis Sentinel and a three-node Redis Cluster in one temporary folder, for tests/run.sh.
# Sourced, not run. start_servers exports the TEST_* variables; stop_servers may be called at any time, also twice.

server_folder=
server_pids=()

say() { printf '%s\n' "$*" >&2; }
die() { say "tests/run.sh: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Installs operating system packages. Usage: install_packages COMMAND DEBIAN_PACKAGE BREW_PACKAGE
install_packages() {
    local missing=$1 debian=$2 brew=$3 as_root=()
    if have apt-get; then
        if [ "$(id -u)" -ne 0 ]; then
            have sudo || die "$missing is not installed and there is no sudo: run 'apt-get install $debian' as root"
            as_root=(sudo)
        fi
        say "installing $debian"
        # Another run on this machine may hold the package lock; wait for it.
        local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y)
        ${as_root[@]+"${as_root[@]}"} "${apt[@]}" update >/dev/null || say "apt-get update failed; trying with what is known"
        ${as_root[@]+"${as_root[@]}"} "${apt[@]}" install --no-install-recommends "$debian" >/dev/null ||
            die "could not install $debian"
    elif have brew; then
        say "installing $brew"
        brew install --quiet "$brew" >/dev/null || die "could not install $brew"
    else
        die "$missing is not installed: install $debian with your package manager, or use --quick to test without servers"
    fi
}

# Prints the folder of PostgreSQL's server programs, or fails.
find_postgres() {
    local folder
    if have initdb && have pg_ctl; then
        dirname "$(command -v initdb)"
        return
    fi
    for folder in $(ls -d /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
        /usr/pgsql-*/bin 2>/dev/null | sort -rV); do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

# Prints a port nobody listens on. Below the ephemeral ports, and low enough for a cluster bus at port + 10000.
# Two runs may draw the same one: whoever starts a server checks that it is really the one that answers.
free_port() {
    local port
    while :; do
        port=$((12000 + RANDOM % 10000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
}

# PostgreSQL refuses to run as root, so root hands it to another user.
as_postgres() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif have runuser; then
        runuser -u "$postgres_user" -- "$@"
    else
        su "$postgres_user" -s /bin/sh -c "$(printf '%q ' "$@")"
    fi
}

start_postgres() {
    local data=$server_folder/postgres/data port attempt
    postgres_bin=$(find_postgres) || { install_packages initdb postgresql postgresql@17; postgres_bin=$(find_postgres); } ||
        die "no initdb and pg_ctl found, on PATH or under /usr/lib/postgresql"
    postgres_user=postgres
    id "$postgres_user" >/dev/null 2>&1 || postgres_user=nobody
    mkdir "$server_folder/postgres"
    if [ "$(id -u)" -eq 0 ]; then chown "$postgres_user" "$server_folder/postgres"; fi
    (cd / && as_postgres "$postgres_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync) \
        >"$server_folder/initdb.log" 2>&1 || { cat "$server_folder/initdb.log" >&2; die "initdb failed"; }
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        # The socket folder is ours alone, so a start that succeeds is this server and no other.
        if (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$data" -l "$server_folder/postgres/log" -w -t 60 \
            -o "-p $port -k '$server_folder/postgres' -c listen_addresses=127.0.0.1 -c max_connections=400" start) \
            >/dev/null 2>&1; then
            postgres_data=$data
            export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
            return
        fi
        say "PostgreSQL did not start on port $port (attempt $attempt)"
    done
    tail -n 20 "$server_folder/postgres/log" >&2 || true
    die "PostgreSQL did not start"
}

# Starts one redis-server and sets redis_port. Usage: start_redis NAME [OPTION…]
start_redis() {
    local name=$1 folder=$server_folder/$1 attempt pid tries
    shift
    mkdir "$folder"
    for attempt in 1 2 3 4 5; do
        redis_port=$(free_port)
        if [ "$name" = sentinel ]; then
            printf 'sentinel monitor proefrit 127.0.0.1 %s 1\n' "$1" >"$folder/sentinel.conf"
            redis-server "$folder/sentinel.conf" --sentinel --port "$redis_port" --bind 127.0.0.1 --dir "$folder" \
                >"$folder/log" 2>&1 &
        else
            redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$folder" --save '' --appendonly no "$@" \
                >"$folder/log" 2>&1 &
        fi
        pid=$!
        server_pids+=("$pid")
        for tries in $(seq 100); do
            if redis-cli -p "$redis_port" info server 2>/dev/null | tr -d '\r' | grep -qx "process_id:$pid"; then return; fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        say "redis $name did not start on port $redis_port (attempt $attempt)"
    done
    tail -n 20 "$folder/log" >&2 || true
    die "redis $name did not start"
}

start_cluster() {
    local node nodes=() ports=() tries ready
    for node in 1 2 3; do
        start_redis "cluster-$node" --cluster-enabled yes --cluster-config-file nodes.conf --cluster-node-timeout 5000
        ports+=("$redis_port")
        nodes+=("127.0.0.1:$redis_port")
    done
    redis-cli --cluster create "${nodes[@]}" --cluster-replicas 0 --cluster-yes >"$server_folder/cluster.log" 2>&1 ||
        { cat "$server_folder/cluster.log" >&2; die "the Redis Cluster did not form"; }
    for tries in $(seq 200); do
        ready=0
        for node in "${ports[@]}"; do
            if redis-cli -p "$node" cluster info | grep -q '^cluster_state:ok'; then ready=$((ready + 1)); fi
        done
        if [ "$ready" -eq 3 ]; then
            export TEST_REDIS_CLUSTER_URL="redis-cluster://${nodes[0]},${nodes[1]},${nodes[2]}"
            return
        fi
        sleep 0.05
    done
    die "the Redis Cluster is not ready"
}

start_servers() {
    # A short path, for a unix socket's name is limited to about a hundred bytes.
    server_folder=$(mktemp -d /tmp/proefrit-tests.XXXXXX)
    chmod 711 "$server_folder"
    have redis-server && have redis-cli || install_packages redis-server redis-server redis
    start_postgres
    start_redis single
    export TEST_REDIS_URL="redis://127.0.0.1:$redis_port/0"
    start_redis sentinel "$redis_port"
    export TEST_REDIS_SENTINEL_URL="redis-sentinel://127.0.0.1:$redis_port/proefrit"
    start_cluster
    export PROEFRIT_REQUIRE_SERVERS=1
}

stop_servers() {
    local pid folder=$server_folder
    server_folder=
    if [ -n "${postgres_data:-}" ]; then
        (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -m immediate -w -t 30 stop) >/dev/null 2>&1 || true
        postgres_data=
    fi
    for pid in ${server_pids[@]+"${server_pids[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
    for pid in ${server_pids[@]+"${server_pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
    server_pids=()
    if [ -n "$folder" ]; then rm -rf "$folder"; fi
}
