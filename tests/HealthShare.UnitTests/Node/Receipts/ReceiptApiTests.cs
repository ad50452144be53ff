using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Receipts;

/// <summary>Who gets a receipt, what a node signs and what it does not, and the command that verifies.</summary>
[Collection(ReceiptCollection.Name)]
public sealed class ReceiptApiTests(ReceiptScene scene)
{
    [Fact]
    public async Task A_receipt_is_for_whoever_may_see_the_consent_and_only_of_what_came()
    {
        using (var physician = scene.South.Client(Role.Physician))
        using (var refused = await physician.GetAsync(ReceiptScene.PathOf(scene.PatientId, scene.GrantId)))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using (var otherPatient = scene.South.Client(Role.Patient))
        using (var hidden = await otherPatient.GetAsync(ReceiptScene.PathOf(scene.PatientId, scene.GrantId)))
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        using var registrar = scene.South.Client(Role.Registrar);
        foreach (var path in (string[])
        [
            ReceiptScene.PathOf(scene.PatientId, LedgerId.New(IdKind.Statement)), ReceiptScene.PathOf(LedgerId.New(IdKind.Patient), scene.GrantId),
            ReceiptScene.PathOf("nobody", "nothing"),
        ])
        {
            using var absent = await registrar.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        }
    }

    [Fact]
    public async Task Without_another_members_signature_there_is_no_receipt_yet()
    {
        using var registrar = scene.North.Client(Role.Registrar); // North knows no other node
        using var answer = await registrar.GetAsync(ReceiptScene.PathOf(scene.PatientId, scene.GrantId));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("receipt.second_signature", (await answer.JsonAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_node_signs_what_its_own_copy_says_and_nothing_else()
    {
        var receipt = scene.Receipt;
        var right = new ReceiptQuestion(receipt.Channel, receipt.Block.Number, receipt.Block.HeaderHash, receipt.TransactionId,
            Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(Base64Url.DecodeFromChars(receipt.Envelope))),
            receipt.PatientId, null, receipt.Credential);
        var (status, body) = await AskAsync(right);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("NorthMSP", body.GetProperty("member").GetString());
        foreach (var (question, expected, code) in new (ReceiptQuestion, HttpStatusCode, string)[]
        {
            (right with { TransactionId = new string('0', 64) }, HttpStatusCode.Accepted, "receipt.not_committed"),
            (right with { Channel = "other" }, HttpStatusCode.Accepted, "receipt.not_committed"),
            (right with { Block = right.Block + 1 }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { HeaderHash = right.EnvelopeHash }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { EnvelopeHash = right.HeaderHash }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { PatientId = null }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { PatientId = "../nobody" }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { DelegateId = LedgerId.New(IdKind.Delegate) }, HttpStatusCode.Conflict, "receipt.differs"),
            (right with { Credential = receipt.Credential! with { RpId = "else.example" } }, HttpStatusCode.Conflict, "receipt.differs"),
        })
        {
            (status, body) = await AskAsync(question);
            Assert.Equal((expected, code), (status, body.GetProperty("code").GetString()));
        }
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_transaction_that_was_found_invalid_is_in_no_receipt(HealthShare.Node.Database.DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var index = new BlockIndex(test.Instance);
        var writer = new HealthShare.Node.ReadModel.ReplicaWriter(test.Instance, [index]);
        var block = new HealthShare.Fabric.Protocol.Ledger.BlockView(new TestChain().Block(
            new TestTransaction(("k", "1")) { Id = "good" },
            new TestTransaction(("k", "2")) { Id = "late", Code = HealthShare.Fabric.Protocol.Peer.TxValidationCode.MvccReadConflict }));
        await writer.ApplyAsync(new HealthShare.Node.ReadModel.BlockChanges(0, DateTimeOffset.UnixEpoch, [])
        {
            Facts = HealthShare.Node.ReadModel.BlockReader.FactsOf(block),
        }, block.Hash.ToByteArray(), default);
        Assert.Equal((0ul, 0), await index.FindAsync("good", default) is { } good ? (good.Block, good.Position) : default);
        Assert.Null(await index.FindAsync("late", default));
        Assert.Null(await index.FindAsync("never", default));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task The_first_transaction_under_an_id_is_its_receipts_and_what_comes_later_is_found_by_whose_word_it_is(
        HealthShare.Node.Database.DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var index = new BlockIndex(test.Instance);
        var writer = new HealthShare.Node.ReadModel.ReplicaWriter(test.Instance, [index]);
        var chain = new TestChain();
        var (patient, id, types) = (LedgerId.New(IdKind.Patient), LedgerId.New(IdKind.Delegate), LedgerJson.Default);
        var word = new VouchedEntry(new AttestSigner(patient, id, VouchedKind.Credential, []), [], 2);
        var (key, steps) = (LedgerKey.VouchedSigner(patient, id), new (string Transaction, string Member, VouchedEntry Entry)[]
        {
            ("first", "SouthMSP", word), ("second", "NorthMSP", word), ("again", "SouthMSP", word),
            ("against", "EastMSP", word with { ObjectedBy = "EastMSP" }),
        });
        for (var number = 0; number < steps.Length; number++)
        {
            var (transaction, member, entry) = steps[number];
            var block = new HealthShare.Fabric.Protocol.Ledger.BlockView(chain.Block(new TestTransaction(("k", "1")) { Id = transaction }));
            await writer.ApplyAsync(new HealthShare.Node.ReadModel.BlockChanges((ulong)number, DateTimeOffset.UnixEpoch,
                [new HealthShare.Node.ReadModel.StateWrite(key, LedgerKind.VouchedSigner, [patient, id],
                    JsonSerializer.SerializeToUtf8Bytes(entry, types.VouchedEntry), transaction, member)])
            {
                Facts = HealthShare.Node.ReadModel.BlockReader.FactsOf(block),
            }, block.Hash.ToByteArray(), default);
        }
        Assert.Equal("first", (await index.FindSourceAsync(patient, id, default))?.TransactionId);
        foreach (var (name, expected) in new[]
        {
            (ReceiptWord.Of("SouthMSP"), "again"), (ReceiptWord.Of("NorthMSP"), "second"), (ReceiptWord.Objection, "against"),
            (ReceiptWord.Of("EastMSP"), null), (ReceiptWord.CoSignature, null),
        })
            Assert.Equal(expected, (await index.FindWordAsync(patient, id, name, default))?.TransactionId);
        Assert.Null(await index.FindWordAsync(LedgerId.New(IdKind.Patient), id, ReceiptWord.Objection, default));
    }

    [Fact]
    public async Task The_command_verifies_a_file_with_a_pin_a_trust_file_or_loudly_with_neither()
    {
        var folder = Directory.CreateTempSubdirectory("hs-receipt-");
        try
        {
            var (file, trust, broken) = (Path.Combine(folder.FullName, "r.json"), Path.Combine(folder.FullName, "t.json"), Path.Combine(folder.FullName, "b.json"));
            await File.WriteAllBytesAsync(file, await scene.DownloadAsync(scene.GrantId));
            await File.WriteAllTextAsync(trust, $$"""{"genesis":"{{scene.Trust.Genesis}}","hospitals":["NorthMSP","SouthMSP","EastMSP"]}""");
            await File.WriteAllTextAsync(broken, (await File.ReadAllTextAsync(file)).Replace("\"valid\"", "\"Valid\"", StringComparison.Ordinal));
            var (status, output) = await RunAsync(file, "--trust", trust);
            Assert.Equal(0, status);
            Assert.EndsWith("The receipt holds.", output, StringComparison.Ordinal);
            Assert.Equal((0, true), (await RunAsync(file, "--genesis", scene.Trust.Genesis!, "--hospitals", "NorthMSP,SouthMSP,EastMSP")) is var (ok, text)
                ? (ok, text.EndsWith("The receipt holds.", StringComparison.Ordinal)) : default);
            (status, output) = await RunAsync(file);
            Assert.Equal(1, status);
            Assert.Contains("NOT ANCHORED", output, StringComparison.Ordinal);
            (status, output) = await RunAsync(file, "--hospitals", "NorthMSP,SouthMSP,EastMSP", "--json");
            Assert.Equal(1, status);
            using (var unpinned = JsonDocument.Parse(output))
                Assert.Equal((true, false), (unpinned.RootElement.GetProperty("ok").GetBoolean(), unpinned.RootElement.GetProperty("anchored").GetBoolean()));
            (status, output) = await RunAsync(broken, "--trust", trust);
            Assert.Equal(1, status);
            Assert.EndsWith("The receipt does NOT hold.", output, StringComparison.Ordinal);
            (status, output) = await RunAsync(file, "--genesis", new string('a', 64), "--json");
            Assert.Equal(1, status);
            using var json = JsonDocument.Parse(output);
            Assert.False(json.RootElement.GetProperty("ok").GetBoolean());
            Assert.Equal(2, (await RunAsync(Path.Combine(folder.FullName, "absent"))).Status);
            Assert.Equal(2, (await RunAsync(file, "--genesis", Path.Combine(folder.FullName, "absent"))).Status);
            var complaint = new StringWriter();
            Assert.Equal(2, await NodeCommandLine.RunAsync(["receipt", "verify", file, "--trust", file], TextWriter.Null, complaint));
            Assert.Equal("A trust file has genesis, 64 hexadecimal digits, and hospitals, a list of MSP ids, and nothing else.", complaint.ToString().TrimEnd());
            Assert.Equal(2, (await RunAsync(file, "--trust", trust, "--genesis", scene.Trust.Genesis!)).Status);
            Assert.Equal(2, (await RunAsync(file, "--hospitals", "A,,B")).Status);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(ReceiptQuestion question)
    {
        using var stranger = scene.North.Client();
        using var answer = await stranger.PostAsync(ReceiptEndpoints.SignaturesPath,
            new StringContent(JsonSerializer.Serialize(question, ReceiptJson.Default.ReceiptQuestion), null, "application/json"));
        return (answer.StatusCode, await answer.JsonAsync());
    }

    private static async Task<(int Status, string Output)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var status = await NodeCommandLine.RunAsync(["receipt", "verify", .. args], output, error);
        return (status, output.ToString().TrimEnd());
    }
}
