using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Parts;
using HealthShare.UnitTests.Node.Content.Parts;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Records;
using Microsoft.Extensions.Options;
using static HealthShare.UnitTests.Node.Intake.IntakePartsTests;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>How much memory a message with a large document takes. It is the whole process's, so nothing runs beside it.</summary>
[Collection(AloneCollection.Name)]
public sealed class IntakePartsMemoryTests
{
    [Fact]
    public async Task Ten_megabytes_are_split_and_read_in_a_few_times_their_size()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var splitter = new MessageSplitter(Options.Create(new IntakeOptions()));
        var message = WithDocuments("1", "4711", ("application^pdf^Base64", Convert.ToBase64String(PayloadFormTests.Bytes(7_500_000, 8))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var toSeal = splitter.Split(new RecordContext("health", "rc-1"), message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2L * message.Length, "Splitting takes more than twice the message.");
        var whole = await node.Sealer.SealAsync(toSeal, default);
        var location = await LocationAsync(node, whole);
        var total = GC.GetTotalAllocatedBytes(precise: true);
        var read = await node.Reader.ReadOwnAsync(location, default);
        total = GC.GetTotalAllocatedBytes(precise: true) - total;
        Assert.Equal(message, read);
        Assert.True(total < 6L * message.Length, $"Reading took {total} bytes for {message.Length}.");
    }
}
