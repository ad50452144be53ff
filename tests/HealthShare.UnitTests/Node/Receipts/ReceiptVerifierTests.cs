using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Receipts;

/// <summary>What a receipt shows to whoever has nothing but it and one hash, and that nothing in it can be another thing.</summary>
[Collection(ReceiptCollection.Name)]
public sealed class ReceiptVerifierTests(ReceiptScene scene)
{
    private static readonly string[] Hospitals = ["NorthMSP", "SouthMSP", "EastMSP"];

    [Fact]
    public async Task A_grant_its_revocation_and_an_attestation_verify_against_the_pinned_genesis_block()
    {
        foreach (var (id, call) in new[]
        {
            (scene.GrantId, "Consents:Grant"), (scene.RevocationId, "Consents:Revoke"), (scene.AttestationId, "Consents:Attest"),
        })
        {
            var report = ReceiptVerifier.Verify(await scene.DownloadAsync(id), scene.Trust);
            Assert.True(report.Ok, report.Checks[^1].Text);
            Assert.True(report.Anchored);
            Assert.Equal(["form", "configuration", "transaction", "endorsements", "call", "statement", "block", "nodes"], report.Checks.Select(check => check.Name));
            Assert.Equal((id, call, "SouthMSP"), (report.Receipt!.Id, report.Receipt.Call, report.Receipt.Sender));
            Assert.Equal(["NorthMSP", "SouthMSP"], report.Receipt.Nodes);
            Assert.InRange(report.Receipt.Endorsers.Count, 2, 3);
        }
    }

    [Fact]
    public async Task What_comes_later_has_receipts_of_its_own_with_whose_word_it_is()
    {
        foreach (var (path, name, call, sender) in new[]
        {
            ($"consents/{scene.BroadId}/co-signature/receipt", $"{scene.BroadId}.coSignature", "Consents:CoSign", "NorthMSP"),
            ($"consents/{scene.AttestationId}/withdrawal/receipt", $"{scene.AttestationId}.withdrawal", "Consents:Withdraw", "SouthMSP"),
            ($"attested-signers/{scene.SignerId}/receipt", scene.SignerId, "Patients:Attest", "SouthMSP"),
            ($"attested-signers/{scene.SignerId}/words/SouthMSP/receipt", $"{scene.SignerId}.word-SouthMSP", "Patients:Attest", "SouthMSP"),
            ($"attested-signers/{scene.SignerId}/words/NorthMSP/receipt", $"{scene.SignerId}.word-NorthMSP", "Patients:Attest", "NorthMSP"),
            ($"attested-signers/{scene.SignerId}/objection/receipt", $"{scene.SignerId}.objection", "Patients:Object", "NorthMSP"),
        })
        {
            var report = ReceiptVerifier.Verify(await scene.DownloadAsync(path, $"{name}.receipt.json"), scene.Trust);
            Assert.True(report is { Ok: true, Anchored: true }, $"{path}: {report.Checks[^1].Text}");
            Assert.Equal((call, sender), (report.Receipt!.Call, report.Receipt.Sender));
        }
        // The second signature's receipt stands on the second credential, and on no other; and no receipt passes for another's.
        var second = JsonSerializer.Deserialize(await scene.DownloadAsync(
            $"consents/{scene.BroadId}/co-signature/receipt", $"{scene.BroadId}.coSignature.receipt.json"), ReceiptJson.Default.Receipt)!;
        var first = JsonSerializer.Deserialize(await scene.DownloadAsync(scene.BroadId), ReceiptJson.Default.Receipt)!;
        Assert.Equal((scene.Second.CredentialId, scene.Passkey.CredentialId), (second.Credential!.CredentialId, first.Credential!.CredentialId));
        Assert.Equal(first.Statement!.Statement, second.Statement!.Statement);
        Fails("statement", Verify(second with { Credential = first.Credential }));
        Fails("call", Verify(second with { Statement = first.Statement }));
        Fails("call", Verify(first with { Statement = second.Statement }));
        using var registrar = scene.South.Client(HealthShare.Node.Auth.Role.Registrar);
        foreach (var path in (string[])
        [
            $"consents/{scene.GrantId}/co-signature/receipt", $"consents/{scene.GrantId}/withdrawal/receipt",
            $"attested-signers/{scene.SignerId}/words/EastMSP/receipt", $"attested-signers/{scene.BroadId}/objection/receipt",
        ])
        {
            using var absent = await registrar.GetAsync($"/api/v1/patients/{scene.PatientId}/{path}");
            Assert.Equal(System.Net.HttpStatusCode.NotFound, absent.StatusCode);
        }
    }

    [Fact]
    public void Without_a_pinned_hash_it_says_loudly_that_nothing_is_anchored_and_with_another_it_fails()
    {
        var unpinned = Verify(scene.Receipt, new ReceiptTrust());
        Assert.True(unpinned is { Ok: true, Anchored: false });
        Assert.StartsWith("THAT THIS IS THE CHANNEL", unpinned.NotChecked[0], StringComparison.Ordinal);
        Assert.Contains(unpinned.NotChecked, text => text.Contains("hospitals", StringComparison.Ordinal));
        var other = Verify(scene.Receipt, scene.Trust with { Genesis = new string('0', 64) });
        Fails("configuration", other);
        Assert.False(other.Anchored);
    }

    [Fact]
    public void Fewer_endorsers_than_more_than_half_of_the_hospitals_are_not_enough()
    {
        string[] many = [.. Hospitals, "WestMSP", "FarMSP", "HighMSP", "LowMSP"];
        Fails("endorsements", Verify(scene.Receipt, scene.Trust with { Hospitals = many }));
        Fails("endorsements", Verify(scene.Receipt, scene.Trust with { Hospitals = ["RegulatorMSP"] }));
    }

    [Fact]
    public void The_certificate_of_who_signs_cannot_even_be_written_otherwise()
    {
        var first = scene.Receipt.Signatures[0];
        var identity = Base64Url.DecodeFromChars(first.Identity);
        var end = identity.AsSpan(0, identity.Length - 40).LastIndexOf((byte)'\n'); // of a line within the PEM, where a tab means the same
        identity[end] = (byte)'\t';
        var rewritten = first with { Identity = Base64Url.EncodeToString(identity) };
        Fails("nodes", Verify(scene.Receipt with { Signatures = [rewritten, .. scene.Receipt.Signatures.Skip(1)] }));
    }

    [Fact]
    public void No_value_in_it_can_be_changed()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(scene.Receipt, ReceiptJson.Default.Receipt);
        var leaves = new List<string>();
        Collect(JsonNode.Parse(json)!, leaves);
        Assert.InRange(leaves.Count, 25, 200);
        foreach (var path in leaves)
        {
            var root = JsonNode.Parse(json)!;
            Change(root, path);
            Assert.False(ReceiptVerifier.Verify(JsonSerializer.SerializeToUtf8Bytes(root), scene.Trust).Ok, path);
        }
    }

    [Fact]
    public void No_byte_of_the_transaction_can_be_changed_even_where_the_nodes_would_sign_again()
    {
        var envelope = Base64Url.DecodeFromChars(scene.Receipt.Envelope);
        for (var at = 0; at < envelope.Length; at += 211)
        {
            var changed = (byte[])envelope.Clone();
            changed[at] ^= 0x10;
            // Nodes that collude sign for whatever they are given; the transaction's own signatures still do not hold.
            var receipt = Resigned(scene.Receipt with { Envelope = Base64Url.EncodeToString(changed) });
            Assert.False(Verify(receipt).Ok, $"byte {at}");
        }
    }

    [Fact]
    public void No_byte_of_its_genesis_block_can_be_changed_not_even_where_a_block_holds_what_nobody_signs()
    {
        var genesis = Base64Url.DecodeFromChars(scene.Receipt.Configuration[0]);
        var places = Enumerable.Range(0, genesis.Length).Where(at => at < 100 || at >= genesis.Length - 100 || at % 211 == 0);
        foreach (var at in places)
        {
            var changed = (byte[])genesis.Clone();
            changed[at] ^= 1;
            Assert.False(Verify(scene.Receipt with { Configuration = [Base64Url.EncodeToString(changed), .. scene.Receipt.Configuration.Skip(1)] }).Ok, $"byte {at}");
        }
    }

    [Fact]
    public void A_statement_or_attestation_in_another_ones_place_is_named()
    {
        var receipt = scene.Receipt;
        var other = scene.Passkey.Statement(scene.PatientId, new RevokeBody(scene.GrantId)) with { Id = scene.GrantId };
        var bytes = StatementWriter.Write(other);
        var assertion = JsonSerializer.Deserialize(scene.Passkey.Signed(bytes).ToJsonString(), ReceiptJson.Default.Receipt.Options is var options
            ? (System.Text.Json.Serialization.Metadata.JsonTypeInfo<SignedStatement>)options.GetTypeInfo(typeof(SignedStatement)) : null!)!;
        Fails("call", Verify(receipt with { Statement = assertion }));
        Fails("call", Verify(receipt with { Statement = receipt.Statement! with { Assertion = assertion.Assertion } }));
        Fails("call", Verify(receipt with { Statement = null, Attestation = JsonSerializer.SerializeToElement(1) }));
        Fails("call", Verify(receipt with { Id = scene.RevocationId }));
        Fails("form", Verify(receipt with { Attestation = JsonSerializer.SerializeToElement(1) }));
        Fails("form", Verify(receipt with { V = 1 }));
    }

    [Fact]
    public void A_credential_that_did_not_sign_or_that_the_nodes_do_not_know_is_named()
    {
        using var stranger = SoftwareAuthenticator.Create("south.example", "https://south.example");
        var receipt = scene.Receipt;
        Fails("statement", Verify(receipt with { Credential = null }));
        Fails("statement", Verify(receipt with { Credential = receipt.Credential! with { PublicKey = Base64Url.EncodeToString(stranger.CoseKey.Span) } }));
        Fails("statement", Verify(receipt with { Credential = receipt.Credential! with { CredentialId = stranger.CredentialId } }));
        Fails("nodes", Verify(receipt with { Credential = receipt.Credential! with { Origins = [.. receipt.Credential.Origins, "https://else.example"] } }));
    }

    [Fact]
    public void Another_block_hash_or_validation_code_is_named()
    {
        var block = scene.Receipt.Block;
        Fails("block", Verify(scene.Receipt with { Block = block with { Number = block.Number + 1 } }));
        Fails("block", Verify(scene.Receipt with { Block = block with { HeaderHash = block.DataHash } }));
        Fails("block", Verify(scene.Receipt with { Block = block with { Code = "MVCC_READ_CONFLICT" } }));
        // A header that hashes rightly, which no node signed for.
        var moved = new HealthShare.Fabric.Protocol.Common.BlockHeader
        {
            Number = block.Number + 1, PreviousHash = Google.Protobuf.ByteString.CopyFrom(Base64Url.DecodeFromChars(block.PreviousHash)),
            DataHash = Google.Protobuf.ByteString.CopyFrom(Base64Url.DecodeFromChars(block.DataHash)),
        };
        var hash = Base64Url.EncodeToString(HealthShare.Fabric.Protocol.Ledger.BlockHashes.HeaderHash(moved).Span);
        Fails("nodes", Verify(scene.Receipt with { Block = block with { Number = block.Number + 1, HeaderHash = hash } }));
    }

    [Fact]
    public void Signatures_of_too_few_of_one_member_twice_or_of_nobodys_node_are_named()
    {
        var receipt = scene.Receipt;
        Fails("nodes", Verify(receipt with { Signatures = [] }));
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0]] }));
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0], receipt.Signatures[0]] }));
        using var north = scene.Identity("NorthMSP");
        using var again = scene.Identity("NorthMSP", "Admin");
        Fails("nodes", Verify(receipt with { Signatures = [SignatureOf(receipt, north), SignatureOf(receipt, again)] }));
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0], receipt.Signatures[1] with { Member = "EastMSP" }] }));
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0], SignatureOf(receipt, north) with { Member = "OrdererMSP" }] }));

        using var regulator = scene.Identity("RegulatorMSP");
        Assert.True(Verify(receipt with { Signatures = [SignatureOf(receipt, north), SignatureOf(receipt, regulator)] }).Ok); // any two members
    }

    [Fact]
    public void A_certificate_of_another_authority_or_one_that_had_expired_or_a_claim_of_before_the_transaction_is_named()
    {
        var receipt = scene.Receipt;
        var foreign = new TestAuthority("EastMSP");
        using var stranger = foreign.Issue("node", from: DateTimeOffset.UtcNow.AddDays(-1), until: DateTimeOffset.UtcNow.AddDays(1));
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0], SignatureOf(receipt, stranger)] }));

        using var east = scene.Identity("EastMSP");
        var end = new DateTimeOffset(east.Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        Assert.True(Verify(receipt with { Signatures = [receipt.Signatures[0], SignatureOf(receipt, east)] }).Ok);
        var late = Verify(receipt with { Signatures = [receipt.Signatures[0], SignatureOf(receipt, east, end.AddSeconds(1))] });
        Fails("nodes", late);
        Assert.Contains("was not valid at", late.Checks[^1].Text, StringComparison.Ordinal);
        Fails("nodes", Verify(receipt with { Signatures = [receipt.Signatures[0], SignatureOf(receipt, east, DateTimeOffset.UtcNow.AddMinutes(-20))] }));
    }

    [Fact]
    public void Nothing_that_is_no_receipt_is_more_than_a_finding()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(scene.Receipt, ReceiptJson.Default.Receipt);
        var random = new Random(7);
        foreach (var text in (string[])["", "null", "[]", "{}", "{\"v\":1}", "\"receipt\"", new string('[', 5000)])
            Fails("form", ReceiptVerifier.Verify(System.Text.Encoding.UTF8.GetBytes(text), scene.Trust));
        for (var i = 0; i < 300; i++)
        {
            var broken = (byte[])json.Clone();
            for (var count = random.Next(1, 4); count > 0; count--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            if (!broken.AsSpan().SequenceEqual(json))
                ReceiptVerifier.Verify(broken.AsMemory(0, random.Next(2) == 0 ? broken.Length : random.Next(broken.Length)), scene.Trust);
        }
    }

    private static void Fails(string check, ReceiptReport report)
    {
        Assert.False(report.Ok);
        Assert.Equal((check, false), (report.Checks[^1].Name, report.Checks[^1].Ok));
    }

    private ReceiptReport Verify(Receipt receipt, ReceiptTrust? trust = null) =>
        ReceiptVerifier.Verify(JsonSerializer.SerializeToUtf8Bytes(receipt, ReceiptJson.Default.Receipt), trust ?? scene.Trust);

    private Receipt Resigned(Receipt receipt)
    {
        using var north = scene.Identity("NorthMSP");
        using var south = scene.Identity("SouthMSP");
        return receipt with { Signatures = [SignatureOf(receipt, north), SignatureOf(receipt, south)] };
    }

    private static ReceiptSignature SignatureOf(Receipt receipt, SigningIdentity identity, DateTimeOffset? at = null)
    {
        var claim = new ReceiptClaim(receipt.Channel, receipt.Block.Number, receipt.Block.HeaderHash, receipt.TransactionId,
            Base64Url.EncodeToString(SHA256.HashData(Base64Url.DecodeFromChars(receipt.Envelope))), receipt.Credential,
            HealthShare.Policy.Ids.LedgerTime.Truncate(at ?? DateTimeOffset.UtcNow));
        return new ReceiptSignature(identity.MspId, Base64Url.EncodeToString(identity.Creator.Span), claim.SignedAt,
            Base64Url.EncodeToString(identity.Sign(claim.ToBytes(identity.Creator.Span))));
    }

    private static void Collect(JsonNode node, List<string> leaves)
    {
        if (node is JsonValue)
            leaves.Add(node.GetPath());
        foreach (var child in node is JsonObject json ? json.Select(member => member.Value) : node is JsonArray list ? list : [])
            Collect(child!, leaves);
    }

    private static void Change(JsonNode root, string path)
    {
        var node = Find(root, path);
        JsonNode changed = node.GetValueKind() is JsonValueKind.Number
            ? JsonValue.Create(node.GetValue<long>() + 1)
            : JsonValue.Create(Other(node.GetValue<string>()));
        if (node.Parent is JsonObject parent)
            parent[node.GetPropertyName()] = changed;
        else
            ((JsonArray)node.Parent!)[node.GetElementIndex()] = changed;
    }

    private static string Other(string text)
    {
        var at = text.Length / 2;
        return text[..at] + (text[at] is 'a' or '1' ? "2" : text[at] is '-' or ':' or '.' or '/' ? "_" : char.IsAsciiDigit(text[at]) ? "1" : "a") + text[(at + 1)..];
    }

    private static JsonNode Find(JsonNode root, string path)
    {
        var all = new List<JsonNode> { root };
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].GetPath() == path)
                return all[i];
            all.AddRange((all[i] is JsonObject json ? json.Select(member => member.Value) : all[i] is JsonArray list ? list : []).OfType<JsonNode>());
        }
        throw new InvalidOperationException(path);
    }
}
