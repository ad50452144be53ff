using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Content.Parts;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>A part is reached exactly where its message is: by nobody else, in no other way, and no longer.</summary>
public sealed class RecordPartsAccessTests : IAsyncLifetime
{
    private static readonly byte[] Pdf = [.. "%PDF-1.7"u8, .. PayloadFormTests.Bytes(80_000, 1)];
    private static readonly byte[] Page = [.. "<script>"u8, .. PayloadFormTests.Bytes(70_000, 2)];
    private readonly string report = LedgerId.New(IdKind.Record);
    private AccessScene scene = null!;

    private string FirstPart => RecordParts.IdOf(report, 1);

    [Fact]
    public async Task Another_hospital_reads_the_message_as_it_came_and_each_part_by_itself()
    {
        await scene.GrantAsync();
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Categories("laboratory"));
        Assert.Equal(new[] { scene.Glucose, report }.Order(), records.Order()); // no part is listed
        Assert.Equal(Message(report), await scene.ReadAsync(AccessScene.South, id, report));

        using var physician = scene.Client(AccessScene.South, Role.Physician);
        var list = await physician.GetOkAsync($"{AccessScene.Requests}/{id}/records/{report}/parts");
        Assert.Equal([(1, "OBX-5(1)", "application/pdf", Pdf.Length), (2, "OBX[2]-5(1)", "text/html", Page.Length)], list.GetProperty("parts").EnumerateArray()
            .Select(part => (part.GetProperty("number").GetInt32(), part.GetProperty("place").GetString()!, part.GetProperty("mediaType").GetString()!, part.GetProperty("size").GetInt32())));
        Assert.Equal(0, (await physician.GetOkAsync($"{AccessScene.Requests}/{id}/records/{scene.Glucose}/parts")).GetProperty("parts").GetArrayLength());
        foreach (var (number, type, content) in new[] { (1, "application/pdf", Pdf), (2, "text/html", Page) })
        {
            using var answer = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{report}/parts/{number}");
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.ToString()); // never a page of the node's own
            Assert.StartsWith("sandbox;", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync());
        }
        // The message, the list of its parts, and each of the two.
        Assert.Equal(4, await scene.ScalarAsync<long>(AccessScene.South, $"SELECT count(*) FROM access_event WHERE kind = 'read' AND record_id = '{report}'"));
        Assert.Equal(1, await scene.ScalarAsync<long>(AccessScene.South, $"SELECT count(*) FROM received_key WHERE record_id = '{report}'"));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, $"SELECT count(*) FROM received_key WHERE record_id = '{FirstPart}'"));
        var provenance = await physician.GetOkAsync($"{AccessScene.Requests}/{id}/records/{report}/provenance");
        Assert.Equal("LAB", provenance.GetProperty("sendingApplication").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_part_that_is_asked_for_by_its_own_id_is_there_for_nobody()
    {
        await scene.GrantAsync();
        foreach (var member in (string[])[AccessScene.North, AccessScene.South])
        {
            var (id, records) = await scene.AskAsync(member, scene.Records(FirstPart));
            Assert.Empty(records);
            var (whole, _) = await scene.AskAsync(member, scene.Records(report));
            using var physician = scene.Client(member, Role.Physician);
            var absent = await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{LedgerId.New(IdKind.Record)}");
            foreach (var path in (string[])
            [
                $"{id}/records/{FirstPart}", $"{id}/records/{report}", $"{id}/records/{report}/parts", $"{id}/records/{report}/parts/1", $"{whole}/records/{FirstPart}",
                $"{whole}/records/{FirstPart}/parts", $"{whole}/records/{FirstPart}/parts/1",
            ])
                Assert.Equal(absent, await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{path}"));
            await scene.ReadAsync(member, whole, report);
            foreach (var number in (string[])["0", "3", "-1", "2147483647"])
                Assert.Equal(absent, await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{whole}/records/{report}/parts/{number}"));
        }
        using var registrar = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        var listed = await registrar.GetOkAsync($"/api/v1/patients/{scene.PatientId}/records");
        Assert.DoesNotContain(FirstPart, listed.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(report, listed.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_denies_the_message_denies_its_parts_and_a_revocation_ends_both()
    {
        var grant = await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(report));
        await scene.ReadAsync(AccessScene.South, id, report);
        await scene.RevokeAsync(grant);
        await GoneAsync(AccessScene.South, id);
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM received_key"));

        var (own, _) = await scene.AskAsync(AccessScene.North, scene.Records(report));
        await scene.ReadAsync(AccessScene.North, own, report);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Records = [report] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow), null)));
        await GoneAsync(AccessScene.North, own);
    }

    [Fact]
    public async Task A_statement_that_names_the_message_alone_permits_its_parts()
    {
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        Provision Reading(string recordId) => new() { Who = [new WhoOrg(AccessScene.South, "physician")], Records = [recordId] };
        await scene.GrantAsync(new GrantBody(Effect.Permit, [Reading(report)], new Period(now, now.AddDays(1))));
        var (id, records) = await scene.AskAsync(AccessScene.South, scene.Records(report, FirstPart));
        Assert.Equal([report], records);
        Assert.Equal(Message(report), await scene.ReadAsync(AccessScene.South, id, report));
    }

    [Fact]
    public async Task A_message_that_was_taken_back_takes_its_parts_along()
    {
        await scene.GrantAsync();
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(report));
        await scene.ReadAsync(AccessScene.South, id, report);
        await SubmitAsync(LedgerTransactions.SupersedeRecords, JsonSerializer.SerializeToUtf8Bytes(
            new SupersedeRecords([new NewSupersession(scene.PatientId, report, Relation.Withdraws)]), LedgerJson.Default.SupersedeRecords));
        await GoneAsync(AccessScene.South, id);
        Assert.Empty((await scene.AskAsync(AccessScene.North, scene.Records(report))).Records);
    }

    [Fact]
    public async Task A_part_whose_content_is_not_here_or_not_the_registered_one_is_said_and_no_reading()
    {
        var (id, _) = await scene.AskAsync(AccessScene.North, scene.Records(report));
        var cid = await scene.ScalarAsync<string>(AccessScene.North, $"SELECT cid FROM sealed_record WHERE record_id = '{FirstPart}'");
        var store = scene.Service<HealthShare.Vault.Content.IContentStore>(AccessScene.North);
        await store.UnpinAsync(HealthShare.Vault.Content.Cid.Parse(cid!), default);
        await store.CollectGarbageAsync(TimeSpan.Zero, default);
        using var physician = scene.Client(AccessScene.North, Role.Physician);
        foreach (var path in (string[])["", "/parts/1"])
        {
            Assert.Contains("content.not_here_yet", await AccessScene.ProblemAsync(
                physician, $"{AccessScene.Requests}/{id}/records/{report}{path}", HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        }
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM access_event WHERE kind = 'read'"));
        using var other = await physician.GetAsync($"{AccessScene.Requests}/{id}/records/{report}/parts/2");
        Assert.Equal(Page, await other.Content.ReadAsByteArrayAsync()); // the rest is there
    }

    [Fact]
    public async Task The_channel_takes_no_request_for_a_part_and_no_part_without_its_message()
    {
        var request = new RequestAccess(scene.PatientId, LedgerId.New(IdKind.Access), [new RecordRef(AccessScene.North, FirstPart)], "TREAT", "physician", "s-1");
        var refused = await Assert.ThrowsAsync<LedgerException>(() => scene.Channel.As(AccessScene.South).SubmitAsync(new LedgerCall(
            LedgerTransactions.RequestAccess, JsonSerializer.SerializeToUtf8Bytes(request, LedgerJson.Default.RequestAccess)), default));
        Assert.Equal("record.is_part", refused.Code);
        // Nor a deny that names a part, and a preview says so before anybody signs.
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var deny = new GrantBody(Effect.Deny, [new Provision { Records = [FirstPart] }], new Period(now, now.AddDays(1)));
        using var officer = scene.Client(AccessScene.North, Role.PrivacyOfficer);
        Assert.Equal("record.is_part", await officer.RefusedAsync($"/api/v1/patients/{scene.PatientId}/consents/preview",
            JsonNode.Parse(StatementWriter.WriteGrant(deny))!.AsObject(), HttpStatusCode.UnprocessableEntity));
    }

    public async Task InitializeAsync()
    {
        scene = await AccessScene.StartAsync();
        var parts = await scene.RegisterMessageAsync(AccessScene.North, report, Message(report));
        Assert.Equal(new[] { FirstPart, RecordParts.IdOf(report, 2) }.Order(StringComparer.Ordinal), parts);
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    private async Task GoneAsync(string mspId, string id)
    {
        using var physician = scene.Client(mspId, Role.Physician);
        foreach (var path in (string[])["", "/parts", "/parts/1", "/provenance"])
            Assert.Contains("access.not_available", await AccessScene.ProblemAsync(physician, $"{AccessScene.Requests}/{id}/records/{report}{path}"), StringComparison.Ordinal);
    }

    private async Task SubmitAsync(string transaction, byte[] argument)
    {
        await scene.Channel.As(AccessScene.North).SubmitAsync(new LedgerCall(transaction, argument), default);
        await scene.CaughtUpAsync();
    }

    internal static byte[] Message(string id) => Encoding.UTF8.GetBytes($"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{id}|P|2.5\r"
        + $"OBX|1|ED|A||^application^pdf^Base64^{Convert.ToBase64String(Pdf)}||||||F\rOBX|2|ED|B||^TEXT^html^Base64^{Convert.ToBase64String(Page)}||||||F\r");
}
