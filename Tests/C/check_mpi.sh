#!/bin/sh
# Builds the example that learns over MPI, runs it in two processes, and ends one of two processes in another run.
set -eu
if ! command -v mpicc >/dev/null || ! command -v mpirun >/dev/null; then
  echo "skipped: mpicc and mpirun are not installed (Debian: libopenmpi-dev openmpi-bin)"
  exit 0
fi
make --silent -C "$PGRAD_ROOT" build/c/mpi_train
run="mpirun -n 2 --oversubscribe --allow-run-as-root"

$run "$PGRAD_ROOT/build/c/mpi_train" 20480 cartpole.safetensors >output
grep -q "timesteps: mean return" output
test -s cartpole.safetensors

# A rank that dies ends the job with a message. No mean return reaches this goal, so the job does not end before.
cat >rank.sh <<'END'
if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
  "$PGRAD_ROOT/build/c/mpi_train" 100000000 never-written 501 &
  sleep 1
  kill -9 $!
  wait $!
else
  exec "$PGRAD_ROOT/build/c/mpi_train" 100000000 never-written 501
fi
END
if timeout 60 $run sh rank.sh >killed 2>&1; then
  echo "mpirun reported success although a rank was killed" >&2
  exit 1
fi
grep -qi "rank\|aborted\|killed\|exited" killed
echo "2 passed, 0 failed"
