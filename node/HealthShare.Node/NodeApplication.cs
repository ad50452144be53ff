using HealthShare.Node.Access;
using HealthShare.Node.Audit.Blocks;
using HealthShare.Node.Audit.Verification;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Consents;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Health;
using HealthShare.Node.Hosting;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Incidents;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Notifications;
using HealthShare.Node.Organizations;
using HealthShare.Node.Patients;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Node.Receipts;
using HealthShare.Node.Webhooks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace HealthShare.Node;

/// <summary>
/// Puts a node together. Nothing of it is static, so that several nodes run side by side in one process, each with its own
/// settings, ports, database and keys.
/// </summary>
public static class NodeApplication
{
    /// <summary>Makes a node that is not started yet; <c>StartAsync</c> migrates its database and begins to serve.</summary>
    /// <param name="configuration">All of the node's settings, see docs/configuration.md.</param>
    /// <param name="customize">Last word on the services, such as another clock; null for none.</param>
    public static WebApplication Create(IConfiguration configuration, Action<IServiceCollection>? customize = null)
    {
        // An empty builder reads no files or variables of its own: the settings are the ones given, and no others.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "HealthShare.Node",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddConfiguration(configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.SimpleConsoleFormatterOptions>(
            console => console.UseUtcTimestamp = true);
        // Whoever asks for the health gets it in the answer; the log says why a part is not well where that part is.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        builder.WebHost.UseKestrel();
        AddServices(builder.Services);
        customize?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseNodeHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UsePortal();
        app.UseRouting();
        app.UseAuthentication();
        app.UseCrossSiteGuard();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseContentTypes();
        app.UseMiddleware<IdempotencyKeys>();
        Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddNodeOptions<NodeOptions, NodeOptionsValidator>("Node");
        services.AddNodeOptions<HttpOptions, HttpOptionsValidator>("Http");
        services.AddSingleton<ListenerCertificates>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddSingleton<IConfigureOptions<SocketTransportOptions>, KestrelSetup>();
        services.AddRouting();
        services.AddContentTypes();
        services.AddNodeRateLimits();
        services.AddProblems();
        services.AddNodeDatabase(); // before all that runs by itself
        services.AddNodeAuth();
        services.AddPortal();
        services.AddNodeOpenApi();
        services.AddNodeKeys();
        services.AddIdempotency();
        services.AddNodeContent();
        services.AddNodeLedger();
        services.AddReadModel();
        services.AddEvents();
        services.AddIncidents();
        services.AddContentKeeping();
        services.AddPatients();
        services.AddOrganizations();
        services.AddConsents();
        services.AddReceipts();
        services.AddIntake();
        services.AddAccess();
        services.AddStaffKeys();
        services.AddNotifications();
        services.AddWebhooks();
        services.AddVerifications();
        services.AddBlocks();
        services.AddNodeHealth();
    }

    private static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        app.MapNodeHealth();
        var api = app.MapGroup("").WithEntityTags();
        api.MapSignIn();
        api.MapIncidents();
        api.MapContent();
        api.MapPatients();
        api.MapOrganizations();
        api.MapConsents();
        api.MapReceipts();
        api.MapAccess();
        api.MapStaffKeys();
        api.MapNotifications();
        api.MapEvents();
        api.MapWebhooks();
        api.MapVerifications();
        api.MapBlocks();
        if (app.Services.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Hospital)
        {
            api.MapMessages();
            api.MapMessageDesk();
        }
    }
}
