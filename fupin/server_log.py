"""What the application server itself has to say, in the same JSON as everything else."""

from gunicorn.glogging import Logger

from fupin.logs import Json


class ServerLog(Logger):
    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Json())
