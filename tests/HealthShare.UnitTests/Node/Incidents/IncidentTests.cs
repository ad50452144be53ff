using System.Net;
using HealthShare.Node.Auth;
using HealthShare.Node.Incidents;
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
}
