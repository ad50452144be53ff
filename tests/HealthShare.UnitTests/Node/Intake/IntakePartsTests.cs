using System.Buffers.Text;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Parts;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Node.Content.Parts;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Large documents become records of their own, and the message is put together again as it came.</summary>
public sealed class IntakePartsTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_with_documents_is_registered_with_them_and_read_as_it_came(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var (pdf, image) = (PayloadFormTests.Bytes(100_000, 1), PayloadFormTests.Bytes(70_001, 2));
        var message = WithDocuments("1", "4711", ("application^pdf^Base64", Convert.ToBase64String(pdf)), ("image^png^Hex", Convert.ToHexString(image)),
            ("application^pdf^Base64", Convert.ToBase64String([1, 2, 3])));
        var id = (await scene.ReceiveAsync(message)).Id;
        await scene.DrainAsync();
        await scene.RestartAsync();

        Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal([3], scene.Ledger.Batches); // the small one stays inside
        var whole = Assert.Single(scene.Ledger.Records.Values, record => record.PartOf is null);
        Assert.True(whole.Size < 2000, $"The message itself still has {whole.Size} bytes.");
        Assert.All(scene.Ledger.Records.Values.Where(record => record.PartOf is not null), part => Assert.True(part.IsPartOf(whole)));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'record-key'")); // a part has no key of its own

        Assert.Equal(message, await scene.Node.Reader.ReadOwnAsync(Location(scene, whole), default));
        using var opened = await scene.Node.Reader.OpenOwnAsync(Location(scene, whole), default);
        Assert.Equal([("application/pdf", pdf.Length, "OBX-5(1)"), ("image/png", image.Length, "OBX[2]-5(1)")],
            (await opened!.PartsAsync(default)).Select(part => (part.MediaType, part.Size, part.Place)));
        Assert.Equal(pdf, (await opened.PartAsync(1, default))!.Content);
        Assert.Equal(image, (await opened.PartAsync(2, default))!.Content);
        Assert.Null(await opened.PartAsync(0, default));
        Assert.Null(await opened.PartAsync(3, default));
        Assert.Equal(message.Length - Convert.ToBase64String(pdf).Length - 2 * image.Length, (await opened.WithoutPartsAsync(default)).Length);
    }

    [Theory]
    [InlineData("\uFEFF", "\r", "UTF-8")] // a byte order mark moves every place in the bytes
    [InlineData("\uFEFF", "\r\n", "UTF-8")]
    [InlineData("", "\n", "ISO-8859-1")]
    public async Task A_message_with_documents_that_comes_over_MLLP_is_read_as_it_came(string mark, string end, string characters)
    {
        await using var scene = await IntakeScene.StartAsync();
        await using var listener = new MllpListener(scene.Mllp, Options.Create(new MllpOptions { Port = 0 }), Options.Create(scene.Options),
            new ListenerCertificates(TimeProvider.System), NullLogger<MllpListener>.Instance);
        await listener.StartAsync(default);
        var encoding = Encoding.GetEncoding(characters);
        var documents = Documents(2);
        var message = encoding.GetBytes(mark + Encoding.UTF8.GetString(WithDocuments("1", "4711", documents)).Replace("Quastenflosser", "Müßiggänger", StringComparison.Ordinal)
            .Replace("\r", end, StringComparison.Ordinal));
        await using (var sender = await MllpClient.ConnectAsync(new MllpClientOptions { Host = "127.0.0.1", Port = listener.Endpoint!.Port }))
            Assert.Equal("AA", (await sender.SendAsync(message)).Code);
        await listener.StopAsync(default);
        await scene.DrainAsync();
        Assert.Equal([3], scene.Ledger.Batches);
        await WholeAsync(scene, message, parts: 2);
        using var opened = await scene.Node.Reader.OpenOwnAsync(Location(scene, scene.Ledger.Records.Values.Single(record => record.PartOf is null)), default);
        Assert.Equal(Convert.FromBase64String(documents[1].Text), (await opened!.PartAsync(2, default))!.Content);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_crash_before_or_after_any_commit_loses_no_part_and_doubles_none(DatabaseProvider database)
    {
        var point = 1;
        while (await CrashAtAsync(database, point))
            Assert.True(++point < 100, "The intake never got through.");
        Assert.True(point > 10, $"Only {point - 1} points were tried.");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_crash_while_a_document_is_stored_leaves_nothing_that_opens_and_the_next_try_makes_the_same_records(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var message = WithDocuments("1", "4711", Documents(3));
        for (var fails = 1; fails <= 4; fails++)
        {
            scene.Content = FailingStore(scene.Node.Store, fails);
            await scene.RestartAsync();
            if (fails == 1)
                await scene.ReceiveAsync(message);
            await scene.DrainAsync();
            Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
            Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'record-key'"));
            scene.Node.Clock.Now += TimeSpan.FromMinutes(10);
        }
        scene.Content = null;
        await scene.RestartAsync();
        await scene.DrainAsync();
        await WholeAsync(scene, message, parts: 3);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_batch_is_cut_where_a_transaction_would_be_too_full_and_never_inside_a_message(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Options.PartBytes = 100;
        await scene.RestartAsync();
        var messages = Enumerable.Range(0, 6).Select(i => WithDocuments($"{i}", $"{i}", Documents(40, 90))).ToList();
        foreach (var message in messages)
            await scene.ReceiveAsync(message);
        await scene.DrainAsync();
        Assert.Equal(6 * 41, scene.Ledger.Records.Count);
        Assert.All(scene.Ledger.Batches, size => Assert.True(size is 41 or 82, $"{size} records went together."));
        foreach (var message in messages)
            await WholeAsync(scene, message, parts: 40);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_is_beyond_the_most_parts_of_a_record_stays_inside(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Options.PartBytes = 100;
        await scene.RestartAsync();
        var message = WithDocuments("1", "4711", Documents(120, 90));
        await scene.ReceiveAsync(message);
        await scene.DrainAsync();
        Assert.Equal([100], scene.Ledger.Batches);
        await WholeAsync(scene, message, parts: 99);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_lost_answer_or_another_threshold_meanwhile_makes_no_second_part(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var message = WithDocuments("1", "4711", Documents(2));
        await scene.ReceiveAsync(message);
        scene.Ledger.LosesAnswers = true;
        await scene.DrainAsync();
        scene.Ledger.LosesAnswers = false;
        scene.Options.PartBytes = int.MaxValue;
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.RestartAsync();
        await scene.DrainAsync();
        Assert.Equal([3, 3], scene.Ledger.Batches);
        await WholeAsync(scene, message, parts: 2);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_part_that_is_missing_damaged_or_anothers_is_said_and_never_a_hole(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await scene.ReceiveAsync(WithDocuments("1", "4711", Documents(2)));
        await scene.ReceiveAsync(WithDocuments("2", "4712", Documents(2)));
        await scene.DrainAsync();
        var wholes = scene.Ledger.Records.Values.Where(record => record.PartOf is null).ToList();
        var (good, other) = (Location(scene, wholes[0]), Location(scene, wholes[1]));
        var (one, two) = (good.Parts[0], good.Parts[1]);

        Assert.Equal("record.parts_missing", await FailureAsync(good with { Parts = [one] }));
        Assert.Equal("record.parts_missing", await FailureAsync(good with { Parts = [one, other.Parts[0]] }));
        Assert.Equal("record.parts_missing", await FailureAsync(good with { Parts = [one, two, other.Parts[0]] }));
        Assert.Equal("key.commitment_mismatch", await FailureAsync(good with { Parts = [one, two with { Commitment = one.Commitment }] }));
        Assert.Equal("record.not_authentic", await FailureAsync(good with { Parts = [one, two with { Cid = one.Cid, Size = one.Size }] }));
        Assert.Equal("record.too_long", await FailureAsync(good with { Parts = [one, two with { Size = RecordReader.MaxSize }] }));
        await Assert.ThrowsAsync<ContentCorruptException>(() => scene.Node.Reader.ReadOwnAsync(good with { Parts = [one, two with { Size = two.Size + 1 }] }, default));
        await Assert.ThrowsAsync<ContentNotFoundException>(
            () => scene.Node.Reader.ReadOwnAsync(good with { Parts = [one, two with { Cid = Cid.Of(CidCodec.Raw, [1]) }] }, default));
        Assert.NotNull(await scene.Node.Reader.ReadOwnAsync(good with { Parts = [two, one] }, default)); // the ledger has no order of them
        Assert.Null(await scene.Node.Reader.ReadOwnAsync(one, default)); // by itself it has no key at all

        async Task<string> FailureAsync(RecordLocation location) =>
            (await Assert.ThrowsAsync<VaultException>(() => scene.Node.Reader.ReadOwnAsync(location, default))).Code;
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_is_forgotten_of_a_record_is_forgotten_of_its_parts(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await scene.ReceiveAsync(WithDocuments("1", "4711", Documents(2)));
        await scene.DrainAsync();
        var whole = scene.Ledger.Records.Values.Single(record => record.PartOf is null);
        await scene.Node.Records.ForgetAsync(whole.PatientId, [whole.RecordId], default);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'record-key'"));
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM erased_content")); // to be let go of by the store
        Assert.Null(await scene.Node.Reader.ReadOwnAsync(Location(scene, whole), default));
    }

    [SharedDataFact("data/hl7/manifest.json")]
    public async Task Every_shared_message_with_encapsulated_data_is_read_as_it_came()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var splitter = new MessageSplitter(Options.Create(new IntakeOptions { PartBytes = 1 }));
        var (split, messages) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(SharedData.PathOf("data/hl7"), "*.hl7", SearchOption.AllDirectories))
        {
            foreach (var piece in Er7File.Split(File.ReadAllBytes(file)).Where(piece => piece.Kind is Er7PieceKind.Message))
            {
                var bytes = piece.Bytes.ToArray();
                if (!Er7Message.TryParse(bytes, null, out var parsed, out _) || !Er7Payloads.Find(parsed!).Any())
                    continue;
                messages++;
                split += await RoundTripAsync(node, splitter, bytes, $"{messages}") > 0 ? 1 : 0;
            }
        }
        Assert.True(messages > 5 && split > 3, $"{messages} messages have encapsulated data, {split} of them were split.");
    }

    [Fact]
    public async Task Under_any_delimiters_line_ends_and_escapes_a_message_is_read_as_it_came()
    {
        await using var node = await KeyedNode.StartAsync(DatabaseProvider.Sqlite);
        var splitter = new MessageSplitter(Options.Create(new IntakeOptions { PartBytes = 16 }));
        var number = 0;
        foreach (var header in (string[])[@"|^~\&", @"|^~\&#", "#*@!$", @"|^~\", "|^~", "|^", ";:,?%"])
        {
            foreach (var end in (string[])["\r", "\n", "\r\n"])
            {
                foreach (var (encoding, text, parts) in new (string, string, int)[]
                {
                    ("Base64", Convert.ToBase64String(PayloadFormTests.Bytes(100, 3)), 1), ("Hex", Convert.ToHexString(PayloadFormTests.Bytes(99, 4)), 1),
                    ("hex", Convert.ToHexStringLower(PayloadFormTests.Bytes(98, 5)), 1), ("A", "plain words that are long enough to be cut out", 0),
                    ("Base64", "not Base64 at all, but long enough to be cut", 0), ("Base64", "", 0), ("", Convert.ToBase64String(PayloadFormTests.Bytes(97, 6)), 0),
                    ("Base64", new string('A', 33), 0), // a length that no Base64 has
                })
                {
                    var (field, component, repetition) = (header[0], header[1], header.Length > 2 ? header[2] : '~');
                    var data = $"{component}application{component}pdf{component}{encoding}{component}{text}";
                    var message = $"MSH{header}{field}LAB{field}NORTH{end}OBX{field}1{field}ED{field}A{field}{field}{data}{repetition}{data}{field}F{end}NTE{field}1{end}";
                    var found = await RoundTripAsync(node, splitter, Encoding.Latin1.GetBytes(message), $"d{++number}");
                    Assert.True(found == 2 * parts, $"{header}: {found} parts of {encoding}");
                }
                if (header.Length > 3)
                {
                    var wrapped = string.Join($"{header[3]}.br{header[3]}", Convert.ToBase64String(PayloadFormTests.Bytes(200, 7)).Chunk(76).Select(line => new string(line)));
                    var message = $"MSH{header}{header[0]}LAB{end}OBX{header[0]}1{header[0]}ED{header[0]}A{header[0]}{header[0]}{header[1]}image{header[1]}png{header[1]}Base64{header[1]}{wrapped}{end}";
                    Assert.Equal(1, await RoundTripAsync(node, splitter, Encoding.Latin1.GetBytes(message), $"d{++number}"));
                }
            }
        }
    }

    private static async Task<int> RoundTripAsync(KeyedNode node, MessageSplitter splitter, byte[] message, string id)
    {
        var toSeal = splitter.Split(new RecordContext("health", $"rc-{id}"), message);
        var location = await LocationAsync(node, await node.Sealer.SealAsync(toSeal, default));
        Assert.Equal(message, await node.Reader.ReadOwnAsync(location, default));
        return location.Parts.Count;
    }

    internal static async Task<RecordLocation> LocationAsync(KeyedNode node, SealedRecord whole) => LocationOf(whole) with
    {
        Parts = [.. (await node.Records.PartsAsync([whole.RecordId], default))[whole.RecordId].Select(LocationOf)],
    };

    private static RecordLocation LocationOf(SealedRecord record) => new(new RecordContext("health", record.RecordId), record.Cid, record.Size, record.Commitment);

    private static async Task<bool> CrashAtAsync(DatabaseProvider database, int point)
    {
        var message = WithDocuments("1", "4711", Documents(2));
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Crashes.At = point;
        var acknowledged = false;
        try
        {
            await scene.ReceiveAsync(message);
            acknowledged = true;
            await scene.DrainAsync();
        }
        catch (SimulatedCrashException)
        {
            // As a process that is gone: what follows starts from what was durable.
        }
        var crashed = scene.Crashes.HasCrashed;
        scene.Crashes.Clear();
        await scene.RestartAsync();
        if (!acknowledged)
            await scene.ReceiveAsync(message);
        await scene.DrainAsync();
        Assert.Equal(3, scene.Ledger.Records.Count);
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        await WholeAsync(scene, message, parts: 2);
        return crashed;
    }

    private static async Task WholeAsync(IntakeScene scene, byte[] message, int parts)
    {
        foreach (var whole in scene.Ledger.Records.Values.Where(record => record.PartOf is null))
        {
            var location = Location(scene, whole);
            var read = await scene.Node.Reader.ReadOwnAsync(location, default);
            if (!message.AsSpan().SequenceEqual(read))
                continue;
            Assert.Equal(parts, location.Parts.Count);
            return;
        }
        Assert.Fail("No record reads as the message came.");
    }

    private static RecordLocation Location(IntakeScene scene, NewRecord record) => Location(record) with
    {
        Parts = [.. scene.Ledger.Records.Values.Where(part => part.PartOf == record.RecordId).OrderBy(part => part.RecordId, StringComparer.Ordinal).Select(Location)],
    };

    private static RecordLocation Location(NewRecord record) => new(
        new RecordContext("health", record.RecordId), Cid.Parse(record.Cid), record.Size, Base64Url.DecodeFromChars(record.KeyCommitment));

    private static (string Kind, string Text)[] Documents(int count, int size = 60_000) =>
        [.. Enumerable.Range(0, count).Select(i => ("application^pdf^Base64", Convert.ToBase64String(PayloadFormTests.Bytes(size, i))))];

    internal static byte[] WithDocuments(string controlId, string number, params (string Kind, string Text)[] documents) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{controlId}|P|2.5\rPID|1||{number}^^^NORTH^MR||Quastenflosser^Ada\rOBR|1|||DOC|||20260301\r"
        + string.Concat(documents.Select((document, i) => $"OBX|{i + 1}|ED|18842-5||^{document.Kind}^{document.Text}||||||F\r")));

    // Its n-th writing fails, and all that follow.
    private static IContentStore FailingStore(IContentStore inner, int failsAt)
    {
        var writes = 0;
        var store = Substitute.For<IContentStore>();
        store.PutAsync(default!, default).ReturnsForAnyArgs(call => Interlocked.Increment(ref writes) >= failsAt
            ? throw new IOException("No room.")
            : inner.PutAsync(call.Arg<Stream>(), call.Arg<CancellationToken>()));
        return store;
    }
}
