using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.StateTests;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Simulation, the sets it leaves, and their check at commit, without any network.</summary>
public sealed class SimulatorTests
{
    private const string OfNorth = "_implicit_org_NorthMSP";
    private static readonly ChannelCollections Members = new(["NorthMSP", "SouthMSP"]);
    private readonly WorldState state = Enumerable.Range(0, 5)
        .Aggregate(WorldState.Empty with { Height = 2 }, (s, i) => s.With(Write($"k{i}", $"{i}")));

    [Fact]
    public void Reads_see_neither_own_writes_nor_later_blocks()
    {
        var simulator = Simulator();
        simulator.Put("k0", ByteString.CopyFromUtf8("changed"));
        Assert.Equal("0", simulator.Get("k0").ToStringUtf8());
        Assert.Equal(ByteString.Empty, simulator.Get("absent"));
    }

    [Fact]
    public void The_set_is_sorted_and_equal_for_equal_work_in_any_order()
    {
        var (one, two) = (Simulator(), Simulator("SouthMSP"));
        one.Put("b", ByteString.CopyFromUtf8("1"));
        one.Put("a", ByteString.CopyFromUtf8("2"));
        one.PutPrivate(OfNorth, "p", ByteString.CopyFromUtf8("3"));
        two.PutPrivate(OfNorth, "p", ByteString.CopyFromUtf8("3"));
        two.Put("a", ByteString.CopyFromUtf8("first"));
        two.Put("a", ByteString.CopyFromUtf8("2"));
        two.Put("b", ByteString.CopyFromUtf8("1"));
        var (first, second) = (one.Finish(), two.Finish());
        Assert.Equal(first.Results.ToByteString(), second.Results.ToByteString());
        var set = ReadWriteSet.From(first.Results);
        Assert.Equal(["_lifecycle", "asset"], set.Namespaces.Select(ns => ns.Name));
        Assert.Equal(["a", "b"], set.Namespaces[1].Set.Writes.Select(write => write.Key));
        Assert.True(PrivateValues.Match(set, first.PrivateValues));
        Assert.DoesNotContain("3"u8.ToArray(), first.Results.ToByteArray().Chunk(1).Where(c => c[0] == (byte)'3'));
    }

    [Fact]
    public void Putting_nothing_removes_the_key()
    {
        var simulator = Simulator();
        simulator.Put("k0", ByteString.Empty);
        var write = ReadWriteSet.From(simulator.Finish().Results).Namespaces[1].Set.Writes.Single();
        Assert.True(write.IsDelete);
    }

    [Fact]
    public void A_range_that_was_not_read_to_its_end_is_recorded_up_to_the_last_key_seen()
    {
        var simulator = Simulator();
        var cursor = simulator.Range("k", "l");
        cursor.Next();
        cursor.Next();
        var range = ReadWriteSet.From(simulator.Finish().Results).Namespaces[1].Set.RangeQueriesInfo.Single();
        Assert.Equal(("k", "k1", false), (range.StartKey, range.EndKey, range.ItrExhausted));
        Assert.Equal(["k0", "k1"], range.RawReads.KvReads.Select(read => read.Key));
    }

    [Fact]
    public void What_cannot_be_validated_at_commit_is_refused_beside_writes()
    {
        var paged = Simulator();
        paged.PagedRange("k", "l");
        Assert.Throws<SimulationException>(() => paged.Put("a", ByteString.CopyFromUtf8("1")));
        var wrote = Simulator();
        wrote.Put("a", ByteString.CopyFromUtf8("1"));
        Assert.Throws<SimulationException>(() => wrote.PagedRange("k", "l"));
        Assert.Throws<SimulationException>(() => wrote.PrivateRange(OfNorth, "", ""));
        Assert.Throws<SimulationException>(() => wrote.GetPrivate("_implicit_org_NobodyMSP", "a"));
        Assert.Throws<SimulationException>(() => wrote.PutPrivate("collection", "a", ByteString.Empty));
        var privately = Simulator();
        privately.PrivateRange(OfNorth, "", "");
        Assert.Throws<SimulationException>(() => privately.PurgePrivate(OfNorth, "a"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(250, 3)]
    public void Results_come_in_batches_of_a_hundred(int count, int batches)
    {
        var many = Enumerable.Range(0, count).Aggregate(WorldState.Empty, (s, i) => s.With(Write($"x{i:000}", "v")));
        using var queries = new OpenQueries();
        var response = queries.Open(new TransactionSimulator(many, Members, "NorthMSP", "asset").Range("x", "y"));
        List<int> sizes = [response.Results.Count];
        while (response.HasMore)
            sizes.Add((response = queries.Next(response.Id)).Results.Count);
        Assert.Equal((batches, count), (sizes.Count, sizes.Sum()));
        Assert.Throws<SimulationException>(() => queries.Next(response.Id));
    }

    [Fact]
    public void A_read_is_a_conflict_once_its_key_was_written_deleted_or_made()
    {
        var reads = Finished(simulator => { simulator.Get("k0"); simulator.Get("absent"); });
        Assert.Equal(TxValidationCode.Valid, Check(reads));
        Assert.Equal(TxValidationCode.MvccReadConflict, Check(reads, Finished(s => s.Put("k0", ByteString.CopyFromUtf8("x")))));
        Assert.Equal(TxValidationCode.MvccReadConflict, Check(reads, Finished(s => s.Put("k0", null))));
        Assert.Equal(TxValidationCode.MvccReadConflict, Check(reads, Finished(s => s.Put("absent", null))));
        Assert.Equal(TxValidationCode.Valid, Check(reads, Finished(s => s.Put("k1", null))));
    }

    [Fact]
    public void A_private_read_is_a_conflict_once_its_hash_changed()
    {
        var read = Finished(simulator => simulator.GetPrivateHash(OfNorth, "p"));
        Assert.Equal(TxValidationCode.MvccReadConflict, Check(read, Finished(s => s.PutPrivate(OfNorth, "p", ByteString.CopyFromUtf8("x")))));
        Assert.Equal(TxValidationCode.Valid, Check(read, Finished(s => s.PutPrivate(OfNorth, "q", ByteString.CopyFromUtf8("x")))));
    }

    [Fact]
    public void A_range_is_a_phantom_read_only_where_it_was_read()
    {
        var part = Finished(simulator => simulator.Range("k", "l").Next());
        Assert.Equal(TxValidationCode.Valid, Check(part, Finished(s => s.Put("k3", null))));
        Assert.Equal(TxValidationCode.PhantomReadConflict, Check(part, Finished(s => s.Put("k", ByteString.CopyFromUtf8("x")))));
        Assert.Equal(TxValidationCode.PhantomReadConflict, Check(part, Finished(s => s.Put("k0", ByteString.CopyFromUtf8("x")))));
        var empty = Finished(simulator => simulator.Range("x", "y").Next());
        Assert.Equal(TxValidationCode.PhantomReadConflict, Check(empty, Finished(s => s.Put("x", ByteString.CopyFromUtf8("x")))));
    }

    [Fact]
    public void The_commit_hash_depends_on_flags_writes_and_the_hash_before()
    {
        StateWrite[] writes = [Write("a", "1"), Write("b", null)];
        var hash = CommitHash.Of([0], writes, [1]);
        Assert.Equal(hash, CommitHash.Of([0], [.. writes.Reverse()], [1]));
        Assert.NotEqual(hash, CommitHash.Of([11], writes, [1]));
        Assert.NotEqual(hash, CommitHash.Of([0], [writes[0]], [1]));
        Assert.NotEqual(hash, CommitHash.Of([0], writes, [2]));
    }

    private TransactionSimulator Simulator(string mspId = "NorthMSP") => new(state, Members, mspId, "asset");

    private ReadWriteSet Finished(Action<TransactionSimulator> work)
    {
        var simulator = Simulator();
        work(simulator);
        return ReadWriteSet.From(simulator.Finish().Results);
    }

    private TxValidationCode Check(ReadWriteSet set, params ReadWriteSet[] before)
    {
        var block = new BlockState(state, 2);
        for (var i = 0; i < before.Length; i++)
            block.Apply(before[i], null, i);
        return block.Check(set);
    }
}
