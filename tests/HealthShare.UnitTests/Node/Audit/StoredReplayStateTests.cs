using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Node.Audit;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class StoredReplayStateTests
{
    private static readonly string[] Patients = ["pt-a", "pt-b", "pt-\u00e4", "pt-\uffee"];

    [Fact]
    public void It_says_what_the_one_in_memory_says_whatever_is_written() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            using var stored = new StoredReplayState();
            var plain = new ReplayState();
            for (var i = 0; i < 30; i++)
            {
                var writes = Enumerable.Range(0, random.Next(4)).Select(_ => WriteOf(random)).ToList();
                stored.Apply(writes);
                plain.Apply(writes);
            }
            foreach (var patient in Patients)
            {
                Assert.Equal(List(plain, patient), List(stored, patient));
                Assert.Equal(plain.GetAsync(KeyOf(patient, 3), default).GetAwaiter().GetResult(),
                    stored.GetAsync(KeyOf(patient, 3), default).GetAwaiter().GetResult());
            }
            return true;
        }));

    [Fact]
    public async Task What_is_more_than_the_memory_it_may_take_is_there_all_the_same()
    {
        using var stored = new StoredReplayState();
        var value = new byte[64 * 1024];
        const int Count = 1100;
        stored.Apply(Enumerable.Range(0, Count).Select(i =>
        {
            value[0] = (byte)i;
            return new KVWrite { Key = KeyOf("pt-a", i), Value = ByteString.CopyFrom(value) };
        }));
        Assert.True(stored.SizeInBytes > StoredReplayState.CacheBytes);
        Assert.Equal(7, (await stored.GetAsync(KeyOf("pt-a", 7), default))![0]);
        var seen = 0;
        await foreach (var (key, _) in stored.ListAsync(LedgerKind.Statement, ["pt-a"], default))
        {
            // A look into it while a list is read is what the rules do.
            Assert.NotNull(await stored.GetAsync(key, default));
            seen++;
        }
        Assert.Equal(Count, seen);
        using var other = new StoredReplayState();
        Assert.Null(await other.GetAsync(KeyOf("pt-a", 7), default)); // each has its own
    }

    private static KVWrite WriteOf(Random random)
    {
        var write = new KVWrite { Key = KeyOf(Patients[random.Next(Patients.Length)], random.Next(8)), IsDelete = random.Next(4) == 0 };
        if (!write.IsDelete)
        {
            var value = new byte[random.Next(20)];
            random.NextBytes(value);
            write.Value = ByteString.CopyFrom(value);
        }
        return write;
    }

    private static string KeyOf(string patient, int number) => LedgerKey.Statement(patient, $"st-{number}");

    private static List<string> List(IReplayState state, string patient) =>
        [.. state.ListAsync(LedgerKind.Statement, [patient], default).ToBlockingEnumerable().Select(entry => $"{entry.Key} {Convert.ToHexString(entry.Value.Span)}")];
}
