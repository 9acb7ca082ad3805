using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Penstock.Control.Security;

/// <summary>
/// A web server set up by this program alone. The framework's own would read appsettings.json of the folder it is started in, which whoever may
/// write there could use to open ports, and would watch that folder for changes as long as it runs.
/// </summary>
internal static class BareServer
{
    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory, Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        return builder;
    }
}
