using System.Net;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Auth;
using HealthShare.Node.Incidents;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Incidents;

public sealed class IncidentTests
{
    [Fact]
    public async Task An_incident_is_noted_once_and_shown_to_the_privacy_officer_alone()
    {
        await using var node = await NodeHost.StartAsync();
        var log = node.App.Services.GetRequiredService<IncidentLog>();
        var incident = new Incident(DateTimeOffset.UnixEpoch, "access.decision_not_confirmed", null, "ac-1/rc-1", "deny.default");
        await log.NoteAsync(incident, default);
        await log.NoteAsync(incident, default);

        using var officer = node.Client(Role.PrivacyOfficer);
        var shown = Assert.Single((await officer.GetOkAsync("/api/v1/incidents")).EnumerateArray());
        Assert.Equal("ac-1/rc-1", shown.GetProperty("subject").GetString());
        Assert.Equal("1970-01-01T00:00:00Z", shown.GetProperty("happenedAt").GetString());
        using var physician = node.Client(Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.GetAsync("/api/v1/incidents")).StatusCode);
    }

    [Fact]
    public async Task What_other_members_report_masks_nothing_and_is_told_from_this_nodes_own_findings()
    {
        await using var node = await NodeHost.StartAsync();
        var log = node.App.Services.GetRequiredService<IncidentLog>();
        var access = new AccessRef(LedgerId.New(IdKind.Patient), "SouthMSP", LedgerId.New(IdKind.Access));
        var mismatch = new Mismatch("access.permit_not_trusted", LedgerId.New(IdKind.Record));
        // East may hold a record of the same id as North's, and reports first.
        foreach (var custodian in (string[])["EastMSP", "NorthMSP"])
            await log.NoteAsync(ReleaseSteps.ReportedIncidentOf(mismatch, access, DateTimeOffset.UnixEpoch, custodian), default);
        await log.NoteAsync(ReleaseSteps.ReportedIncidentOf(new Mismatch("ledger.rules_broken", null), access, DateTimeOffset.UnixEpoch, "EastMSP"), default);
        await log.NoteAsync(ReleaseSteps.IncidentOf(mismatch, access, DateTimeOffset.UnixEpoch, "NorthMSP"), default);

        using var officer = node.Client(Role.PrivacyOfficer);
        Assert.Equal(["access.permit_not_trusted"], await CodesAsync("?kind=own"));
        Assert.Equal(["reported.ledger.rules_broken", "reported.access.permit_not_trusted", "reported.access.permit_not_trusted"], await CodesAsync("?kind=reported"));
        var (all, next) = (new List<string>(), "/api/v1/incidents?limit=1");
        while (next.Length > 0)
        {
            using var answer = await officer.GetAsync(next);
            all.Add(Assert.Single((await answer.JsonAsync()).EnumerateArray()).GetProperty("subject").GetString()!);
            next = answer.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : "";
        }
        Assert.Equal(4, all.Count);
        Assert.Equal(3, all.Distinct().Count()); // North's own finding and its report are about the same
        foreach (var wrong in (string[])["?kind=other", "?limit=0", "?limit=1001", "?cursor=AAAA", "?cursor=%3D"])
            Assert.Equal(HttpStatusCode.BadRequest, (await officer.GetAsync($"/api/v1/incidents{wrong}")).StatusCode);

        async Task<IEnumerable<string?>> CodesAsync(string query) => (await officer.GetOkAsync($"/api/v1/incidents{query}"))
            .EnumerateArray().Select(incident => incident.GetProperty("code").GetString());
    }
}
