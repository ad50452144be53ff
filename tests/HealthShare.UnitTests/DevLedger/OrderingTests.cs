using Google.Protobuf;
using HealthShare.DevLedger;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.DevLedger;

public sealed class OrderingTests
{
    [Fact]
    public void A_batch_is_cut_at_its_count()
    {
        var cutter = new BlockCutter(new BatchOptions { MaxMessageCount = 2 });
        Assert.Empty(cutter.Add(Envelope(10)));
        Assert.Equal([2], Sizes(cutter.Add(Envelope(10))));
        Assert.False(cutter.HasPending);
    }

    [Fact]
    public void A_batch_is_cut_before_its_bytes_are_exceeded_and_a_large_transaction_stands_alone()
    {
        var cutter = new BlockCutter(new BatchOptions { PreferredMaxBytes = 1024 });
        Assert.Empty(cutter.Add(Envelope(600)));
        Assert.Equal([1], Sizes(cutter.Add(Envelope(600))));
        Assert.Equal([1, 1], Sizes(cutter.Add(Envelope(2000))));
        Assert.False(cutter.HasPending);
    }

    [Fact]
    public async Task What_waits_is_cut_when_its_time_is_over_or_ordering_ends()
    {
        var batches = System.Threading.Channels.Channel.CreateUnbounded<int>();
        await using (var orderer = Orderer(batch => batches.Writer.TryWrite(batch.Count)))
        {
            await orderer.AddAsync(Envelope(1), CancellationToken.None);
            Assert.Equal(1, await batches.Reader.ReadAsync());
            await orderer.AddAsync(Envelope(1), CancellationToken.None);
        }
        Assert.Equal(1, await batches.Reader.ReadAsync());
    }

    [Fact]
    public async Task Without_a_time_out_a_block_waits_only_for_the_one_before_and_takes_what_came_meanwhile()
    {
        var (batches, written) = (System.Threading.Channels.Channel.CreateUnbounded<int>(), new SemaphoreSlim(0));
        await using var orderer = new Orderer(new BatchOptions { Timeout = TimeSpan.Zero, MaxMessageCount = 3 }, batch =>
        {
            batches.Writer.TryWrite(batch.Count);
            written.Wait();
        }, TimeProvider.System, NullLogger.Instance);
        await orderer.AddAsync(Envelope(1), CancellationToken.None);
        Assert.Equal(1, await batches.Reader.ReadAsync());
        for (var i = 0; i < 5; i++)
            await orderer.AddAsync(Envelope(1), CancellationToken.None);
        written.Release(3);

        Assert.Equal((3, 2), (await batches.Reader.ReadAsync(), await batches.Reader.ReadAsync()));
    }

    [Fact]
    public async Task While_the_disk_is_full_nothing_new_is_taken_and_what_was_taken_is_committed_once_there_is_room()
    {
        var full = true;
        var attempts = System.Threading.Channels.Channel.CreateUnbounded<int>();
        List<int> committed = [];
        await using (var orderer = Orderer(batch =>
        {
            attempts.Writer.TryWrite(batch.Count);
            if (Volatile.Read(ref full))
                throw new IOException("No space left on device : '/a/path'", 28);
            committed.Add(batch.Count);
        }))
        {
            Assert.Null(await orderer.AddAsync(Envelope(1), CancellationToken.None));
            await attempts.Reader.ReadAsync();
            await attempts.Reader.ReadAsync(); // it tries again by itself
            Assert.IsType<IOException>(orderer.Failure);
            Assert.Equal("the ledger takes no transactions at the moment: its disk is full", await orderer.AddAsync(Envelope(1), CancellationToken.None));
            await Assert.ThrowsAsync<IOException>(() => orderer.RunBetweenBlocksAsync(() => { }, CancellationToken.None));
            Volatile.Write(ref full, false);
            while (orderer.Failure is not null)
                await Task.Delay(1); // the attempt that succeeds is told before the failure is over
            Assert.Null(await orderer.AddAsync(Envelope(1), CancellationToken.None));
        }
        Assert.Equal([1, 1], committed);
    }

    [Fact]
    public async Task A_stop_while_the_disk_is_full_ends_and_says_so()
    {
        var orderer = Orderer(_ => throw new UnauthorizedAccessException("for good"));
        Assert.Null(await orderer.AddAsync(Envelope(1), CancellationToken.None));
        await orderer.DisposeAsync();
        Assert.IsType<UnauthorizedAccessException>(orderer.Failure);
        Assert.Equal("the ledger takes no transactions at the moment: its disk is failing",
            await orderer.AddAsync(Envelope(1), CancellationToken.None));
        Assert.False(orderer.Fault.IsCompleted);
    }

    [Fact]
    public async Task A_fault_that_is_not_the_disks_is_not_tried_again_and_ends_ordering_for_everyone_who_waits()
    {
        var (attempts, begun, go) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        await using var orderer = Orderer(_ =>
        {
            attempts++;
            begun.SetResult();
            go.Task.Wait();
            throw new InvalidOperationException("a fault of the code");
        });
        Assert.Null(await orderer.AddAsync(Envelope(1), CancellationToken.None));
        await begun.Task;
        var work = orderer.RunBetweenBlocksAsync(() => Assert.Fail("The block before it was not committed."), CancellationToken.None);
        go.SetResult();
        Assert.Equal("a fault of the code", (await orderer.Fault).Message);
        Assert.IsType<InvalidOperationException>((await Assert.ThrowsAsync<InvalidOperationException>(() => work)).InnerException);
        Assert.Same(orderer.Failure, await orderer.Fault);
        Assert.Equal("the ledger takes no transactions at the moment: an unexpected fault has ended ordering; the ledger's log tells it",
            await orderer.AddAsync(Envelope(1), CancellationToken.None));
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task What_runs_between_blocks_finds_all_before_it_committed_and_its_failure_stops_nothing()
    {
        var sizes = new List<int>();
        await using var orderer = new Orderer(
            new BatchOptions { Timeout = TimeSpan.FromHours(1) }, batch => sizes.Add(batch.Count), TimeProvider.System, NullLogger.Instance);
        await orderer.AddAsync(Envelope(1), CancellationToken.None);
        await orderer.AddAsync(Envelope(1), CancellationToken.None);
        int[] seen = [];
        await orderer.RunBetweenBlocksAsync(() => seen = [.. sizes], CancellationToken.None);
        Assert.Equal([2], seen);
        await Assert.ThrowsAsync<ArgumentException>(() => orderer.RunBetweenBlocksAsync(() => throw new ArgumentException("no"), CancellationToken.None));
        Assert.Null(await orderer.AddAsync(Envelope(1), CancellationToken.None));
    }

    [Fact]
    public void A_write_of_private_values_that_fails_can_be_undone_and_repeated()
    {
        var disk = new FullDisk();
        var file = new PrivateValueFile(disk, height: 0);
        file.Append(1, Values("one"));
        var length = disk.Length;
        disk.Room = length + 20;
        Assert.Throws<IOException>(() => file.Append(2, Values("two")));
        disk.Room = long.MaxValue;
        file.CutFrom(2);
        Assert.Equal(length, disk.Length);
        file.Append(2, Values("two"));
        file.CutFrom(2); // its block could not be written
        Assert.Equal(length, disk.Length);
        file.Append(2, Values("three"));
        var reopened = new PrivateValueFile(disk, height: 3);
        Assert.Equal(Values("three")[0], reopened.Read(2)[0]);
        Assert.Empty(reopened.Read(3));
    }

    [Fact]
    public void A_fault_once_private_values_were_rewritten_leaves_their_places_right_for_what_is_read_and_written_next()
    {
        var folder = Directory.CreateTempSubdirectory("values-").FullName;
        var path = Path.Combine(folder, "private.dat");
        var failing = true;
        try
        {
            using (var file = new PrivateValueFile(
                File.Open(path, FileMode.Create), height: 0, path, _ => { if (failing) throw new IOException("Too many open files"); }))
            {
                file.Append(1, Values("one"));
                file.Append(2, Values("two"));
                Assert.Throws<IOException>(() => file.Remove((written, values) => written.Block == 1 && Clear(values)));
                Assert.Equal(Values("two")[0], file.Read(2)[0]);
                // What is written under a name that is not on the disk would be lost with it.
                Assert.Throws<IOException>(() => file.Append(3, Values("three")));
                failing = false;
                file.Append(3, Values("three"));
                Assert.Equal(Values("three")[0], file.Read(3)[0]);
            }
            using var reopened = PrivateValueFile.Open(path, height: 4);
            Assert.Equal(0, reopened.BytesCut);
            Assert.Equal(new TxPvtReadWriteSet(), reopened.Read(1)[0]);
            Assert.Equal((Values("two")[0], Values("three")[0]), (reopened.Read(2)[0], reopened.Read(3)[0]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static bool Clear(TxPvtReadWriteSet values)
        {
            values.NsPvtRwset.Clear();
            return true;
        }
    }

    [Fact]
    public void Zeros_that_a_file_system_left_at_the_end_of_the_private_values_are_cut_and_anything_else_is_reported()
    {
        var disk = new FullDisk();
        new PrivateValueFile(disk, height: 0).Append(1, Values("one"));
        var length = disk.Length;
        disk.SetLength(length + 100);
        var reopened = new PrivateValueFile(disk, height: 2);
        Assert.Equal((100, length), (reopened.BytesCut, disk.Length));
        Assert.Equal(Values("one")[0], reopened.Read(1)[0]);

        disk.SetLength(length + 100);
        disk.Position = length + 99;
        disk.WriteByte(1);
        Assert.Throws<LedgerCorruptException>(() => new PrivateValueFile(disk, height: 2));
        Assert.Equal(length + 100, disk.Length);
    }

    [Fact]
    public void Options_that_are_wrong_are_all_named()
    {
        var options = new DevLedgerOptions
        {
            StateDirectory = "",
            Channel = "Upper",
            Organizations =
            [
                new OrganizationOptions { MspId = "AMSP", Domain = "a.example" },
                new OrganizationOptions { MspId = "AMSP", Domain = "not a domain" },
            ],
            Chaincodes =
            [
                new ChaincodeOptions
                {
                    Name = "qscc", EndorsementPolicy = "OR('AMSP.peer', 'BMSP.peer')",
                    Service = new ChaincodeService(new Uri("ftp://somewhere"), ""),
                },
                new ChaincodeOptions
                {
                    Name = "b", EndorsementPolicy = "SOME('AMSP.peer')",
                    Service = new ChaincodeService(new Uri("http://127.0.0.1:1"), "b:1"),
                },
            ],
            Batch = new BatchOptions { MaxMessageCount = 0, Timeout = TimeSpan.FromMilliseconds(-1) },
            ExecuteTimeout = TimeSpan.FromHours(1),
        };
        var error = Assert.Throws<ArgumentException>(options.Validate);
        foreach (var part in (string[])["StateDirectory", "'Upper'", "'AMSP' is used 2 times", "'not a domain'", "system chaincode",
            "ftp://somewhere", "empty package id", "BMSP", "'SOME'", "MaxMessageCount", "Batch.Timeout", "ExecuteTimeout"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static Orderer Orderer(Action<IReadOnlyList<OrderedTransaction>> commit) =>
        new(new BatchOptions { Timeout = TimeSpan.FromMilliseconds(5) }, commit, TimeProvider.System, NullLogger.Instance);

    private static OrderedTransaction Envelope(int size) => new(ByteString.CopyFrom(new byte[size]));

    private static int[] Sizes(IReadOnlyList<IReadOnlyList<OrderedTransaction>> batches) => [.. batches.Select(batch => batch.Count)];

    private static Dictionary<int, TxPvtReadWriteSet> Values(string text) => new()
    {
        [0] = new TxPvtReadWriteSet { NsPvtRwset = { new NsPvtReadWriteSet { Namespace = text } } },
    };

    /// <summary>A disk that takes so many bytes and no more.</summary>
    private sealed class FullDisk : MemoryStream
    {
        public long Room { get; set; } = long.MaxValue;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var room = (int)Math.Min(buffer.Length, Math.Max(0, Room - Position));
            base.Write(buffer[..room]);
            if (room < buffer.Length)
                throw new IOException("No space left on device");
        }
    }
}
